// JavaScript for the two hashes that transactions make of values: where a key is in the table of a
// relation, and what a change adds to the hash of the state. Functions do the same in `calvin`
// (`KeyedRows`, `row-hash.ts`): as code they are spelled out, since there are too many calls of
// them in one transaction for all to be compiled in place.
import type { ValueKind } from "../value/schema.ts";

const [first, second, added] = [0xcc9e2d51, 0x1b873593, 0xe6546b64];

/** Whether values of a kind are whole numbers, which are computed with as doubles. */
export function isWhole(kind: ValueKind | undefined): boolean {
  return kind === "number" || kind === "unsigned";
}

/** Lines that set `place` to a hash of a key, whose columns are the variables `key`. */
export function placeLines(key: readonly string[], kinds: readonly ValueKind[]): string[] {
  const lines = key.flatMap((part, at) => {
    const word = isWhole(kinds[at]) ? `(${part} | 0) === ${part} ? ${part} | 0 : ` : "";
    const before = at === 0 ? "word" : "place ^ word";
    const rest = at === 0 ? "" : " ^ place >>> 15";
    return [
      `word = ${word}placed(${part});`,
      `place = Math.imul(${before}, ${0x9e3779b1 | 0})${rest};`,
    ];
  });
  return [...lines, "place ^= place >>> 16;"];
}

/** Lines that add the value of a variable to the hash of a change, from the variable `from`; what
 * comes of it is in `word`. A value that is no whole number is hashed by `hashed`. */
export function changeLines(from: string, part: string, kind: ValueKind): string[] {
  if (!isWhole(kind)) return [`word = hashed(${from}, ${part});`];
  return [
    ...stepLines(from, "3"),
    ...stepLines("word", `${part} | 0`),
    ...stepLines("word", `Math.floor(${part} / 4294967296)`),
  ];
}

/** A step of MurmurHash3, with its end, from a variable on. */
function stepLines(from: string, word: string): string[] {
  return [
    `mix = Math.imul(${word}, ${first | 0});`,
    `mix = Math.imul(mix << 15 | mix >>> 17, ${second}) ^ ${from};`,
    `mix = Math.imul(mix << 13 | mix >>> 19, 5) + ${added | 0} | 0;`,
    "word = mix ^ mix >>> 16;",
  ];
}
