// From one place of a name to edits of all of them, unless the result would mean something else.
import { textOf, type Span } from "../base/source.ts";
import { isReservedName } from "./names.ts";
import { declarationOf, type NamedSymbol, type Occurrence } from "./symbol.ts";
import type { SymbolIndex } from "./symbols.ts";
import type { Understood } from "./workspace.ts";

/** Edits, or why there are none. */
export type Renaming = { readonly spans: readonly Span[] } | { readonly refusal: string };

/** Returns why a symbol cannot have another name, undefined where it can. */
export function unrenamable({ symbol }: Occurrence): string | undefined {
  if (symbol.kind !== "variable" && declarationOf(symbol) === undefined)
    return `${symbol.kind} "${symbol.name}" is not declared`;
  const made = symbol.occurrences.find(({ span }) => textOf(span) !== symbol.name);
  return made && `${symbol.kind} "${symbol.name}" is named by a macro in "${textOf(made.span)}"`;
}

/** Returns the places of all that an occurrence names in `all`, which are to have `name`. */
export function renaming(
  occurrence: Occurrence,
  name: string,
  all: readonly Understood[],
): Renaming {
  const { symbol } = occurrence;
  const refusal =
    unrenamable(occurrence) ??
    (/^[A-Za-z_?][\w?]*$/.test(name) ? undefined : `"${name}" is no name`) ??
    (name === "_" ? '"_" stands for any value' : undefined) ??
    (isReservedName(name) ? `"${name}" is a word of the language` : undefined) ??
    clash(
      symbol,
      name,
      all.filter(({ index }) => concerned(symbol, index)),
    );
  if (refusal !== undefined) return { refusal };
  const same = sameSymbols(symbol, all);
  const made = same
    .flatMap((one) => one.occurrences)
    .find((one) => textOf(one.span) !== one.symbol.name);
  if (made !== undefined) return { refusal: `"${symbol.name}" is named by a macro` };
  return { spans: distinctSpans(same.flatMap(({ occurrences }) => occurrences)) };
}

/** Whether a symbol, or what it is in another program, is named in an index. */
function concerned(symbol: NamedSymbol, { symbols }: SymbolIndex): boolean {
  return symbols.some((other) => other === symbol || same(other, symbol));
}

/** Returns a symbol with what it is in other programs that include its declaration. */
export function sameSymbols(symbol: NamedSymbol, all: readonly Understood[]): NamedSymbol[] {
  return [
    symbol,
    ...all.flatMap(({ index }) =>
      index.symbols.filter((other) => other !== symbol && same(other, symbol)),
    ),
  ];
}

/** Whether two symbols are of one declaration; what is not declared is known by its first place. */
function same(one: NamedSymbol, other: NamedSymbol): boolean {
  if (one.kind !== other.kind || one.name !== other.name) return false;
  const [here, there] = [one, other].map((of) => declarationOf(of) ?? of.occurrences[0]?.span);
  return here?.source.path === there?.source.path && here?.start === there?.start;
}

/** Returns the places of occurrences, each once. */
export function distinctSpans(occurrences: readonly Occurrence[]): Span[] {
  const spans = new Map<string, Span>();
  for (const { span } of occurrences)
    spans.set(`${String(span.start)} ${String(span.end)} ${span.source.path}`, span);
  return [...spans.values()];
}

function clash(symbol: NamedSymbol, name: string, all: readonly Understood[]): string | undefined {
  if (name === symbol.name) return undefined;
  if (symbol.kind === "variable") {
    for (const { index } of all)
      for (const { variables } of index.clauses) {
        const other = variables.get(name);
        if (other !== undefined && variables.get(symbol.name) === symbol)
          return `the clause has a variable "${name}" already`;
      }
    return undefined;
  }
  const rivals = rivalsOf[symbol.kind];
  for (const { index } of all)
    for (const other of index.symbols) {
      if (other.name !== name || !rivals.includes(other.kind)) continue;
      if (symbol.kind === "attribute" && other.item !== symbol.item) continue;
      // Names in components hide those around them, so that either could be taken for the other.
      if (nested(symbol.within, other.within))
        return `there is ${other.kind[0] === "a" ? "an" : "a"} ${other.kind} "${name}" already`;
    }
  return undefined;
}

function nested(one: readonly string[], other: readonly string[]): boolean {
  const depth = Math.min(one.length, other.length);
  const apart = one.slice(0, depth).some((name, at) => name !== other[at]);
  // What two components declare meets where one inherits the other: they are not told apart here.
  return !apart || one.length > 0;
}

/** What may not have the name of another, by kind. */
const rivalsOf: Readonly<Record<NamedSymbol["kind"], readonly NamedSymbol["kind"][]>> = {
  relation: ["relation", "component", "instance", "type", "functor", "lattice", "transaction"],
  attribute: ["attribute"],
  type: ["type", "lattice", "parameter", "relation"],
  lattice: ["lattice", "type", "parameter"],
  branch: ["branch"],
  functor: ["functor"],
  component: ["component", "relation", "instance", "parameter"],
  parameter: ["parameter", "type", "component", "lattice"],
  instance: ["instance", "relation", "component"],
  transaction: ["transaction", "relation"],
  variable: ["variable"],
};
