// The fuzzer itself; then each target with what was found before (test/corpus), and with a few inputs of SEED. More of
// them: `npm run fuzz -- NAME --seconds 60`.
import { readdirSync, readFileSync, existsSync } from "node:fs";

import { expect } from "chai";

import { byteTargets } from "./byte-targets.ts";
import { failureOf, fuzzed, type FuzzTarget, inputOf, shrunk } from "./fuzzer.ts";
import { textTargets } from "./text-targets.ts";

const seed = Number(process.env["SEED"] ?? "1");
const rounds = Number(process.env["ROUNDS"] ?? "40");
const corpus = new URL("../corpus/", import.meta.url);

describe("the fuzzer", () => {
  const target: FuzzTarget = {
    ...{ name: "planted", promise: "fails on a byte", words: ["~"] },
    model: (chance) => Buffer.from("abc".repeat(chance.between(1, 50))),
    check(input) {
      if (input.includes(0x7e)) throw new Error("planted");
    },
  };

  it("makes the same input of the same seed", () => {
    const inputs = Array.from({ length: 50 }, (_, at) => inputOf(target, at));
    expect(Array.from({ length: 50 }, (_, at) => inputOf(target, at))).to.deep.equal(inputs);
    expect(new Set(inputs.map((input) => Buffer.from(input).toString())).size).to.be.above(40);
  });

  it("finds what is planted, and makes it as small as it gets", async () => {
    for (let at = 1; ; at++) {
      const found = await fuzzed(target, at);
      if (found === undefined) continue;
      const { input, error } = await shrunk(target, found);
      expect(Buffer.from(input).toString()).to.equal("~");
      expect(error.message).to.equal("planted");
      return;
    }
  });
});

for (const target of [...textTargets, ...byteTargets])
  describe(`the fuzzer of ${target.name}: it ${target.promise}`, () => {
    it(`with inputs at random (SEED=${seed})`, async () => {
      for (let round = 0; round < rounds; round++) {
        const found = await fuzzed(target, seed + round);
        const said = `npm run fuzz -- ${target.name} --seed ${seed + round}: ${found?.error.stack ?? ""}`;
        expect(found, said).to.equal(undefined);
      }
    });

    const folder = new URL(`${target.name}/`, corpus);
    for (const file of existsSync(folder) ? readdirSync(folder).toSorted() : [])
      it(`with ${file}, which was found`, async () => {
        const error = await failureOf(target, readFileSync(new URL(file, folder)));
        expect(error, error?.stack).to.equal(undefined);
      });
  });
