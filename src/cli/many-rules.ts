import { setFlags } from "./v8-flags.ts";

/** So many rules are many. */
const rulesMin = 24;

/** Has V8 wait longer before it optimises a rule's WebAssembly, where there are so many rules. To
 * optimise one takes it a millisecond or two, and of many most end before they have saved that: the
 * code that it makes at once is not much slower. A rule that goes on for some 40 ms is optimised
 * then. */
export function preparedToEvaluate(rules: number): void {
  if (rules >= rulesMin) setFlags("--wasm-tiering-budget=200000000");
}
