// What a session holds, as values: texts, and facts that came and went one by one. A change makes a
// new session that shares what did not change, so that every version can be kept.
import { List, Map, Stack } from "immutable";
import { printValue } from "../value/print-value.ts";
import type { Value } from "../value/schema.ts";
import type { Text } from "./entry.ts";

/** One version of a session. */
export type Session = {
  /** Files and what was typed, in the order in which they came. */
  readonly texts: List<Text>;
  /** Facts that were inserted or removed one by one, by what names them. */
  readonly facts: Map<string, FactChange>;
  /** What the last change was, in a few words. */
  readonly change: string;
};

/** That a fact is there, or is not, whatever the texts and their inputs say. */
export type FactChange = {
  readonly fact: StatedFact;
  readonly present: boolean;
  /** Whether it was there before the session spoke of it. */
  readonly before: boolean;
};

/** A tuple by the name of its relation. */
export type StatedFact = { readonly relation: string; readonly values: readonly Value[] };

/** The versions of a session: the present one, those before it and, after an undo, those that were
 * after it. */
export type Versions = {
  readonly past: Stack<Session>;
  readonly present: Session;
  readonly future: Stack<Session>;
};

/** A session in which nothing was said. */
export const emptySession: Session = { texts: List(), facts: Map(), change: "the beginning" };

/** Returns the versions of a session that begins. */
export function firstVersion(session: Session = emptySession): Versions {
  return { past: Stack(), present: session, future: Stack() };
}

/** Returns the versions with a next one; what was undone is gone. */
export function advanced({ past, present }: Versions, next: Session): Versions {
  return { past: past.push(present), present: next, future: Stack() };
}

/** Returns the versions one step back; undefined at the first. */
export function undone({ past, present, future }: Versions): Versions | undefined {
  const before = past.peek();
  if (before === undefined) return undefined;
  return { past: past.pop(), present: before, future: future.push(present) };
}

/** Returns the versions one step forward again; undefined at the last. */
export function redone({ past, present, future }: Versions): Versions | undefined {
  const next = future.peek();
  if (next === undefined) return undefined;
  return { past: past.push(present), present: next, future: future.pop() };
}

/** Returns a session with one more text. */
export function withText(session: Session, text: Text, change: string): Session {
  return { ...session, texts: session.texts.push(text), change };
}

/** Returns a session in which facts are there, or are not; `before` says which of them were there
 * if the session has not spoken of them. */
export function withFacts(
  session: Session,
  facts: readonly StatedFact[],
  present: boolean,
  before: (fact: StatedFact) => boolean,
  change: string,
): Session {
  const changed = session.facts.withMutations((all) => {
    for (const fact of facts) {
      const name = factText(fact);
      const known = all.get(name);
      all.set(name, { fact, present, before: known?.before ?? before(fact) });
    }
  });
  return { ...session, facts: changed, change };
}

/** What is to be inserted and removed, to come from one session to another of the same texts. */
export type FactDifference = {
  readonly inserted: readonly StatedFact[];
  readonly removed: readonly StatedFact[];
};

/** Returns how the facts of two sessions differ. */
export function factDifference(from: Session, to: Session): FactDifference {
  const inserted: StatedFact[] = [];
  const removed: StatedFact[] = [];
  if (from.facts === to.facts) return { inserted, removed };
  const move = (fact: StatedFact, was: boolean, is: boolean): void => {
    if (was !== is) (is ? inserted : removed).push(fact);
  };
  for (const [name, { fact, present, before }] of to.facts) {
    const other = from.facts.get(name);
    if (other?.present !== present) move(fact, other?.present ?? before, present);
  }
  for (const [name, { fact, present, before }] of from.facts)
    if (!to.facts.has(name)) move(fact, present, before);
  return { inserted, removed };
}

/** A fact in source notation, without the full stop: what names it. */
export function factText({ relation, values }: StatedFact): string {
  return `${relation}(${values.map(printValue).join(", ")})`;
}
