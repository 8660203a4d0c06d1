// How the interpreter meets the pairs of an equivalence: class by class, as generated code does.
import type { Window } from "../plan/plan.ts";
import type { Word } from "../value/word.ts";
import type { Classes } from "./store.ts";

/** Makes a closure that goes on with a pair, from what reads the word in a column of it. */
export type VisitorOf = (read: (column: number) => () => Word) => (pair: number) => boolean;

/** Returns the loop over pairs, the first elements from a part of those that the window shows. It
 * ends where going on with one returns true, and returns that. */
export function pairLoop(
  classes: Classes,
  window: Window,
  visitorOf: VisitorOf,
): (from: number, to: number) => boolean {
  const visit = ringVisitor(classes, visitorOf);
  return (from, to) => {
    for (let at = from; at < to; at++)
      if (visit(window === "delta" ? classes.delta[at]! : at, 0)) return true;
    return false;
  };
}

/** Returns the loop over the pairs with a word in one column, which ends likewise. */
export function classLoop(
  classes: Classes,
  window: Window,
  column: number,
  visitorOf: VisitorOf,
): (word: Word) => boolean {
  const visit = ringVisitor(classes, visitorOf);
  return (word) => {
    const element = classes.find(word);
    return shows(classes, element, window) && visit(element, column);
  };
}

/** Whether there is a pair with these words in these columns. */
export function pairExists(classes: Classes, window: Window, key: ArrayLike<Word>): boolean {
  if (key.length === 0) return (window === "delta" ? classes.deltaSize : classes.to) > 0;
  const first = key[0]!;
  if (!shows(classes, classes.find(first), window)) return false;
  return key.length === 1 || classes.same(first, key[1]!);
}

function shows(classes: Classes, element: number, window: Window): boolean {
  return element >= 0 && (window !== "delta" || classes.grew(element));
}

/** A closure that goes round the class of an element, which stays in one column. */
function ringVisitor(
  classes: Classes,
  visitorOf: VisitorOf,
): (element: number, column: number) => boolean {
  const pair = [0, 0];
  const visit = visitorOf((column) => () => classes.words[pair[column]!]!);
  return (element, column) => {
    let other = element;
    do {
      pair[column] = element;
      pair[1 - column] = other;
      if (visit(0)) return true;
      other = classes.next[other]!;
    } while (other !== element);
    return false;
  };
}
