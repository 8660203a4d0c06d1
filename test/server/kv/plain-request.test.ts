import { expect } from "chai";

import { random } from "../../../src/base/random.ts";
import { storeLimits } from "../../../src/server/kv/limits.ts";
import { plainRequest } from "../../../src/server/kv/plain-request.ts";
import { socketRequest } from "../../../src/server/kv/schemas.ts";

const seed = Number(process.env["SEED"] ?? "1");

describe(`requests that are as most are (SEED=${seed})`, () => {
  it("are what their schema takes them for", () => {
    const from = random(seed);
    const long = "ä".repeat(storeLimits.keyBytesMax / 2);
    const some: Record<string, readonly unknown[]> = {
      id: [1, "a", "x".repeat(128), "x".repeat(129), -1, 1.5, 2 ** 60, null, true],
      op: ["put", "get", "remove", "patch", null],
      k1: ["a", "ä", "", long, `${long}x`, "x".repeat(341), "x".repeat(342), 7],
      k2: ["b", "", null],
      text: ["", "a text", 7, null],
      type: ["text/plain", "", " text/plain", "text/plain; charset=utf-8", "ä", 7],
      session: ["", "a/1:2", 7],
      json: [null, { a: 1 }],
      base64: ["eA==", "?"],
      replaces: ["none", ["a/1:2"], "x"],
      request: ["r", 7],
      wait: ["all", 2, "x"],
      dots: [["a/1:2"], ["x"]],
      more: [1],
    };
    let plain = 0;
    for (let round = 0; round < 20_000; round++) {
      const rare = from.chance(0.5) ? 0 : 0.2;
      const said = Object.fromEntries(
        Object.entries(some).flatMap(([name, values]) => {
          const often = ["id", "op", "k1", "k2", "text"].includes(name);
          if (!from.chance(often ? 0.95 : rare)) return [];
          return [[name, from.chance(0.7) ? values[0] : from.pick(values)]];
        }),
      );
      const taken = plainRequest(said, storeLimits);
      if (taken === undefined) continue;
      plain++;
      const { success, data } = socketRequest.safeParse(said);
      expect(success, JSON.stringify(said)).to.equal(true);
      // The schema leaves out what it does not know.
      expect(taken).to.deep.include(data);
    }
    expect(plain).to.be.greaterThan(1_000);
    for (const said of [undefined, null, 7, "put", [], {}])
      expect(plainRequest(said, storeLimits)).to.equal(undefined);
  });
});
