// JavaScript that works on an equivalence: pairs are met class by class. Knows the layout of
// `Classes` and nothing of rules.
import type { Window } from "../plan/plan.ts";
import type { RelationText } from "./emit-set.ts";
import type { Writer } from "./writer.ts";

/** The statements that fetch what a function uses of an equivalence. What is put in meanwhile does
 * not change what is visible in these arrays. */
export function fetchClasses({ name }: RelationText): string[] {
  const fields = ["words", "next", "delta"].map((field) => `${name}_${field} = ${name}.${field}`);
  return [`const ${fields.join(", ")};`];
}

/** Writes the loop over the pairs of an equivalence, the first elements from a part of those that
 * the window shows, and opens its blocks. */
export function openPairs(
  writer: Writer,
  { at, name }: RelationText,
  window: Window,
  { from, to }: { readonly from: string; readonly to: string },
): Pairs {
  writer.relation(at);
  const place = writer.name();
  writer.open(`for (let ${place} = ${from}; ${place} < ${to}; ${place}++) {`);
  const first = window === "delta" ? writer.keep(`${name}_delta[${place}]`) : place;
  return openRing(writer, name, first, [first, undefined]);
}

/** Writes the loop over the pairs with a word in one column, and opens its blocks. */
export function openClass(
  writer: Writer,
  { at, name }: RelationText,
  window: Window,
  column: number,
  key: string,
): Pairs {
  writer.relation(at);
  writer.count("probes");
  const first = writer.keep(`${name}.find(${key})`);
  writer.open(`if (${visible(name, first, window)}) {`);
  return openRing(writer, name, first, column === 0 ? [first, undefined] : [undefined, first]);
}

/** The elements of a pair that a loop meets, and how to close its blocks. */
export type Pairs = {
  readonly elements: readonly [string, string];
  readonly close: () => void;
};

/** Goes round a class from `first` on; the element that is met goes where `pair` has none. */
function openRing(
  writer: Writer,
  name: string,
  first: string,
  [left, right]: readonly [string | undefined, string | undefined],
): Pairs {
  const other = writer.name();
  writer.line(`let ${other} = ${first};`);
  // `continue` goes on to the condition.
  writer.open("do {");
  return {
    elements: [left ?? other, right ?? other],
    close: () => {
      writer.close(`} while ((${other} = ${name}_next[${other}]) !== ${first});`);
      writer.close();
    },
  };
}

/** Returns the condition that an equivalence has a pair with these words in these columns. */
export function pairExists(
  writer: Writer,
  { at, name }: RelationText,
  window: Window,
  key: readonly string[],
): string {
  writer.relation(at);
  const [first, second] = key;
  if (first === undefined) return window === "delta" ? `${name}.deltaSize > 0` : `${name}.to > 0`;
  writer.count("probes");
  const grew = (): string => visible(name, writer.keep(`${name}.find(${first})`), window);
  if (second === undefined) return grew();
  const same = `${name}.same(${first}, ${second})`;
  return window === "delta" ? `${same} && ${grew()}` : same;
}

function visible(name: string, element: string, window: Window): string {
  const there = `${element} >= 0`;
  return window === "delta" ? `${there} && ${name}.grew(${element})` : there;
}
