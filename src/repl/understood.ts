// From the texts of a session to a program, and what it takes to say one thing more.
import type { List } from "immutable";
import { analyse, type AnalyseOptions } from "../analysis/analyse.ts";
import type { Program } from "../analysis/program.ts";
import { hasErrors, sorted, type Diagnostic } from "../base/diagnostic.ts";
import { declaringItems } from "../goal.ts";
import type { ItemNode } from "../syntax/tree.ts";
import type { Value } from "../value/schema.ts";
import type { Text } from "./entry.ts";
import type { StatedFact } from "./session.ts";

/** What texts mean together, with what was found in them; no program if any of that is an error. */
export type Understood = {
  readonly diagnostics: readonly Diagnostic[];
  readonly program?: Program;
};

/** Returns what items mean. Of `about`, which are among the texts that they are from, all findings
 * are given, of the others errors alone. */
export function understoodItems(
  items: readonly ItemNode[],
  about: readonly Text[],
  options: AnalyseOptions,
): Understood {
  const read = about.flatMap(({ parsed }) => parsed.diagnostics);
  if (hasErrors(read)) return { diagnostics: read };
  const { program, diagnostics } = analyse({ items, comments: [] }, options);
  const sources = new Set(about.flatMap(({ parsed, source }) => [source, ...parsed.sources]));
  const found = diagnostics.filter(
    ({ severity, span, code }) =>
      severity === "error" || (sources.has(span.source) && !premature.has(code)),
  );
  const all = sorted([...read, ...found]);
  if (program === undefined || hasErrors(all)) return { diagnostics: all };
  return { diagnostics: all, program };
}

/** What is no mistake while a program is being typed. */
const premature = new Set(["no-rules-nor-facts"]);

const declaringOf = new WeakMap<List<Text>, readonly ItemNode[]>();

/** Returns all items of texts. */
export function itemsOf(texts: List<Text>): readonly ItemNode[] {
  return texts.toArray().flatMap(({ parsed }) => parsed.tree.items);
}

/** Returns the items of texts that say what there is, without those that say what holds, if that is
 * what a fact or a goal depends on: where relations are inlined it is all of them. */
export function declarations(texts: List<Text>): readonly ItemNode[] {
  const known = declaringOf.get(texts);
  if (known !== undefined) return known;
  const items = declaringItems(itemsOf(texts));
  declaringOf.set(texts, items);
  return items;
}

/** What a text states, if all of it is facts of relations that there are; undefined if it says
 * anything else. */
export type StatedFacts = {
  readonly diagnostics: readonly Diagnostic[];
  readonly facts: readonly StatedFact[];
};

/** Returns the facts that `text` states, found by what the other texts declare alone: that does not
 * take longer where there are many rules and facts. */
export function factsIn(
  texts: List<Text>,
  text: Text,
  options: AnalyseOptions,
): StatedFacts | undefined {
  const { items } = text.parsed.tree;
  const stated = (item: ItemNode): boolean =>
    item.kind === "clause" &&
    item.body === undefined &&
    item.plan === undefined &&
    item.operator === ":-" &&
    item.heads.every(({ sign, location }) => sign === undefined && location === undefined);
  if (items.length === 0 || !items.every(stated)) return undefined;
  const { diagnostics, program } = understoodItems(
    [...declarations(texts), ...items],
    [text],
    options,
  );
  if (program === undefined) return { diagnostics, facts: [] };
  if (program.rules.some(({ span }) => span.source === text.source)) return undefined;
  const facts = program.facts
    .filter(({ span }) => span.source === text.source)
    .map(({ relation, values }): { relation: string; values: readonly Value[] } => ({
      relation: program.relations[relation]?.name ?? "",
      values,
    }));
  return { diagnostics, facts };
}
