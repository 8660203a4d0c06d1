// Where a rule of a partitioned program is evaluated: where least has to be sent.
import type { Literal, RelationAt, Rule, Term } from "../analysis/program.ts";
import { visitLiterals } from "../analysis/work-rule.ts";
import type { Location, Placement } from "./partitioned-program.ts";

/** Where the tuples of an atom come from: the relation itself, or a copy of it at the owners of the
 * values of the columns `by`, or at each node. */
export type Source =
  | { readonly kind: "itself" }
  | { readonly kind: "copy"; readonly by: readonly number[] | undefined };

/** A place for a rule, and what has to be sent. */
export type Chosen = {
  readonly location: Location;
  /** For each atom of the body; see `atomsOf`. */
  readonly sources: ReadonlyMap<Atom, Source>;
  readonly cost: number;
};

/** What there is to choose by. */
export type Surroundings = {
  readonly placements: readonly Placement[];
  /** For each relation how many of its last columns are lattices, which change. */
  readonly lattices: readonly number[];
  /** For each relation whether rules derive it: then it is taken for larger. */
  readonly derived: readonly boolean[];
  /** Whether there is such a copy already. */
  readonly copied: (of: RelationAt, by: readonly number[] | undefined) => boolean;
};

/** What it is taken for to send each tuple of an input, or of a derived relation, and to how many
 * nodes. */
const costs = { input: 1, derived: 2, nodes: 8 } as const;

/** A positive atom. */
export type Atom = Literal & { readonly kind: "atom" };

/** Returns the positive atoms of a body, those in aggregates included. */
export function atomsOf(body: readonly Literal[]): Atom[] {
  const found: Atom[] = [];
  visitLiterals(body, (literal) => {
    if (literal.kind === "atom") found.push(literal);
  });
  return found;
}

/** Returns the place of a rule for which least is sent, the first of several. Where `only` is given
 * it is that place. */
export function locationFor(rule: Rule, around: Surroundings, only?: readonly Term[]): Chosen {
  if (only !== undefined) return chosenAt(only, undefined, rule, around);
  const { body } = rule;
  const everywhere = chosenAt(undefined, undefined, rule, around);
  const keysAt = ({ relation }: Atom): readonly (readonly number[])[] => {
    const placement = around.placements[relation];
    return placement?.kind === "keyed" ? placement.keys : [];
  };
  const found: Chosen[] = [];
  for (const atom of body) {
    if (atom.kind !== "atom") continue;
    // Where the tuples of one atom are, the others are sent to.
    for (const key of keysAt(atom)) found.push(chosenAt(termsAt(atom, key), atom, rule, around));
  }
  for (const atom of body) {
    if (atom.kind !== "atom" || keysAt(atom).length === 0) continue;
    const fixed = atom.terms.length - (around.lattices[atom.relation] ?? 0);
    for (const term of atom.terms.slice(0, fixed))
      if (term.kind === "variable") found.push(chosenAt([term], undefined, rule, around));
  }
  if (found.length === 0) return everywhere;
  return found.reduce((best, other) => (other.cost < best.cost ? other : best));
}

/** The terms of a key. */
export function termsAt(
  { terms }: { readonly terms: readonly Term[] },
  key: readonly number[],
): Term[] {
  return key.map((column) => terms[column] ?? { kind: "anonymous" });
}

/** Whether two lists of terms have the same values in every way to satisfy a rule, as far as one
 * can see. */
export function sameTerms(left: readonly Term[], right: readonly Term[]): boolean {
  return left.length === right.length && left.every((term, at) => same(term, right[at]));
}

function same(left: Term, right: Term | undefined): boolean {
  if (left.kind === "variable")
    return right?.kind === "variable" && left.variable === right.variable;
  if (left.kind !== "constant" || right?.kind !== "constant") return false;
  return left.of === right.of && Object.is(left.value, right.value);
}

/** What has to be sent where a rule is evaluated there; `anchor` is at hand. */
function chosenAt(
  location: Location,
  anchor: Atom | undefined,
  rule: Rule,
  around: Surroundings,
): Chosen {
  const { placements, derived, copied } = around;
  const sources = new Map<Atom, Source>();
  let cost = 0;
  const pending = new Set<string>();
  for (const atom of atomsOf(rule.body)) {
    const { relation } = atom;
    const source = atom === anchor ? itself : sourceAt(location, atom, around);
    sources.set(atom, source);
    if (source.kind === "itself" || placements[relation]?.kind !== "keyed") continue;
    const name = `${relation} ${source.by?.join() ?? "*"}`;
    if (pending.has(name) || copied(relation, source.by)) continue;
    pending.add(name);
    const once = derived[relation] === true ? costs.derived : costs.input;
    cost += source.by === undefined ? once * costs.nodes : once;
  }
  const { relation, terms } = rule.head;
  const head = placements[relation];
  if (head?.kind === "keyed" && location !== undefined) {
    const [key = []] = head.keys;
    if (!sameTerms(termsAt({ terms }, key), location)) cost += costs.derived;
  }
  return { location, sources, cost };
}

const itself: Source = { kind: "itself" };

function sourceAt(location: Location, atom: Atom, { placements, lattices }: Surroundings): Source {
  const { relation, terms } = atom;
  const placement = placements[relation];
  if (placement === undefined || placement.kind === "everywhere") return itself;
  if (placement.kind === "arrival" || location === undefined)
    return { kind: "copy", by: undefined };
  if (placement.keys.some((key) => sameTerms(termsAt(atom, key), location))) return itself;
  const fixed = terms.slice(0, terms.length - (lattices[relation] ?? 0));
  const by = location.map((wanted) => fixed.findIndex((term) => same(term, wanted)));
  return { kind: "copy", by: by.includes(-1) ? undefined : by };
}
