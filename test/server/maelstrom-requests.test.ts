import { PassThrough } from "node:stream";

import { expect } from "chai";

import { nodeProgram } from "../../src/server/node-program.ts";
import { MaelstromMember } from "../../src/server/maelstrom-member.ts";
import { type MaelstromLines, serveMaelstrom } from "../../src/server/maelstrom.ts";

/** What a node of a program writes, as bodies by the requests' numbers, when it is sent these one
 * after the other, each when there is a reply to the one before. */
async function replies(text: string, bodies: readonly object[]): Promise<unknown[]> {
  const { program, diagnostics } = nodeProgram(text, {});
  if (program === undefined) throw new Error(diagnostics.map((one) => one.message).join("\n"));
  const input = new PassThrough();
  const said: unknown[] = [];
  const send = (): void => {
    const body = bodies[said.length];
    if (body === undefined) input.end();
    else
      input.write(
        `${JSON.stringify({ src: "c1", dest: "n1", body: { msg_id: said.length + 1, ...body } })}\n`,
      );
  };
  const lines: MaelstromLines = {
    input,
    write: (line) => {
      const { body } = JSON.parse(line) as { body: Record<string, unknown> };
      const { in_reply_to: number, ...rest } = body;
      expect(number).to.be.a("number");
      said.push(rest);
      send();
    },
    log: (line) => {
      throw new Error(line);
    },
  };
  const options = { ...lines, program, functors: {}, nowMs: () => 0 };
  const served = serveMaelstrom(lines, (name, members) =>
    MaelstromMember.start(name, members, options),
  );
  send();
  expect(await served).to.equal(undefined);
  return said;
}

const init = { type: "init", node_id: "n1", node_ids: ["n1"] };

const kept = `.decl put(key: symbol, value: number)
  .input put
  .decl get_ok(key: symbol, value: Max<>)
  get_ok(k, v) :- put(k, v).
  .output get_ok
  .decl put_ok(key: symbol, value: number)
  put_ok(k, v) :- put(k, v), v > 0.
  .output put_ok`;

describe("requests of Maelstrom", () => {
  it("are facts, and replies the tuples that agree with them", async () => {
    const done = await replies(kept, [
      init,
      { type: "put", key: "a", value: 1 },
      { type: "put", key: "a", value: 5 },
      { type: "put", key: "b", value: 3 },
      { type: "get", key: "a" },
    ]);
    expect(done).to.deep.equal([
      { type: "init_ok" },
      { type: "put_ok", key: "a", value: 1 },
      { type: "put_ok", key: "a", value: 5 },
      { type: "put_ok", key: "b", value: 3 },
      { type: "get_ok", key: "a", value: 5 },
    ]);
  });

  it("are refused where the program has no place for them", async () => {
    const done = await replies(kept, [
      { type: "get", key: "a" },
      { ...init, node_id: "n2" },
      init,
      { type: "get", key: "a" },
      { type: "get", key: 1 },
      { type: "get" },
      { type: "put", key: "a" },
      { type: "put", key: "a", value: 0.5 },
      { type: "put", key: "a", value: 1, old: 0 },
      { type: "write", key: 1, value: 2 },
      { type: "cas", key: 1, from: 2, to: 3 },
      { type: "poll" },
      { type: "put", key: "a", value: 0 },
      { type: "topology", topology: { n1: [] } },
    ]);
    const codes = done.map((body) => {
      const { type, code } = body as Record<string, unknown>;
      return code ?? type;
    });
    const refused = [20, 12, 11, 12, 12, 10, 10, 10, 10, 13];
    expect(codes).to.deep.equal([11, 12, "init_ok", ...refused, "topology_ok"]);
  });

  it("say the same again where they come again", async () => {
    const add = { type: "add", delta: 4, msg_id: 9 };
    const text = `.decl add(src: symbol, msg_id: number, delta: number)
      .input add
      .decl read_ok(value: Max<>)
      read_ok(sum d : { add(_, _, d), 0 <= d, d <= 100 }).
      .output read_ok`;
    const done = await replies(text, [init, add, add, { ...add, msg_id: 10 }, { type: "read" }]);
    expect(done.slice(1)).to.deep.equal([
      { type: "add_ok" },
      { type: "add_ok" },
      { type: "add_ok" },
      { type: "read_ok", value: 8 },
    ]);
  });

  it("that need an order are refused before they are run", () => {
    const { diagnostics } = nodeProgram(
      `.decl add(element: number)
       .input add
       .decl missing_ok(element: number)
       missing_ok(e) :- add(e), !add(e + 1).
       .output missing_ok`,
      {},
    );
    expect(diagnostics.map(({ code }) => code)).to.include("negation-not-monotone");
  });
});
