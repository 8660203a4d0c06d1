import { PassThrough } from "node:stream";

import { expect } from "chai";

import type { Message } from "../../src/server/maelstrom-messages.ts";
import { OrderedMaelstromNode } from "../../src/server/maelstrom-ordered.ts";
import { nodeProgram } from "../../src/server/node-program.ts";

const text = `
.decl register(key: number, value: number) ordered(key)
.transaction write(key: number, value: number) {
  -register(key, v) :- register(key, v).
  +register(key, value).
}
`;

describe("a node of Maelstrom that is asked for more at once than half a record has", () => {
  it("carries all of it out", async () => {
    const { program } = nodeProgram(text, {}, { ordered: true });
    if (program === undefined) throw new Error("the program is none");
    const requests = 12_000;
    const client = "c".repeat(64);
    const answered = new Set<unknown>();
    const registers = new Map<unknown, unknown>();
    const input = new PassThrough();
    let longest = 0;
    const node: OrderedMaelstromNode = await new Promise((resolve, reject) => {
      const write = (line: string): void => {
        const { src, dest, body } = JSON.parse(line) as Message;
        if (dest === client) answered.add(body.in_reply_to);
        if (answered.size === requests) resolve(begun);
        if (dest !== "lin-kv") return;
        const { type, key, to } = body;
        if (type === "cas" && !registers.has(key)) registers.set(key, to);
        if (typeof to === "string") longest = Math.max(longest, to.length);
        const value = registers.get(key);
        const reply =
          type === "cas"
            ? { type: "cas_ok" }
            : value === undefined
              ? { type: "error", code: 20, text: "none" }
              : { type: "read_ok", value };
        setImmediate(() => {
          begun.receive({ src: dest, dest: src, body: { ...reply, in_reply_to: body.msg_id } });
        });
      };
      const lines = { input, write, log: (line: string) => reject(new Error(line)) };
      const nowMs = (): number => performance.now();
      const begun = OrderedMaelstromNode.start("n1", ["n1", "n2", "n3"], {
        ...{ ...lines, program, functors: {}, nowMs },
      });
      for (let number = 1; number <= requests; number++)
        begun.receive({
          ...{ src: client, dest: "n1" },
          body: { type: "write", msg_id: number, key: number % 50, value: number },
        });
    });
    await node.close();
    expect(answered.size).to.equal(requests);
    expect(longest, "of a record").to.be.greaterThan(1 << 20);
  });
});
