// Negation and aggregates in a partitioned program (level F1): at the owner of the key, once that
// has said that the key is complete.
//
//     free(x) :- room(x), !taken(x, _).
//
// becomes, at the owner of x, `free(x) :- #sealed taken(x), room(x), !taken(x, _).`
import type { Literal, Program, RelationAt, Rule, Term } from "../analysis/program.ts";
import { visitLiterals } from "../analysis/work-rule.ts";
import { monotonicity } from "../analysis/monotone.ts";
import type { Diagnostic } from "../base/diagnostic.ts";
import type { Span } from "../base/source.ts";
import type { Placement } from "./partitioned-program.ts";
import { sameTerms, termsAt } from "./partition-location.ts";

/** Where a rule has to be, and what it waits for there. */
export type SealsNeeded = {
  readonly location?: readonly Term[];
  /** Relations that have to be sealed there. */
  readonly relations: readonly RelationAt[];
  readonly diagnostics: readonly Diagnostic[];
};

/** Returns what a rule needs that negates or aggregates what is in parts. */
export function sealsNeeded(
  rule: Rule,
  at: number,
  program: Program,
  placements: readonly Placement[],
): SealsNeeded {
  const waits = waitingIn(program, at);
  const relations = new Set<RelationAt>();
  const diagnostics: Diagnostic[] = [];
  let location: readonly Term[] | undefined;
  const wait = (atom: Literal & { readonly kind: "atom" | "negation" }, sealed: boolean): void => {
    const { relation, terms, span } = atom;
    const placement = placements[relation];
    if (placement?.kind !== "keyed" || !sealed) return;
    const [key = []] = placement.keys;
    const wanted = termsAt({ terms }, key);
    location ??= wanted;
    if (!sameTerms(wanted, location)) diagnostics.push(severalKeys(program, relation, span));
    relations.add(relation);
  };
  visitLiterals(rule.body, (literal, aggregate) => {
    if (literal.kind !== "negation" && (literal.kind !== "atom" || aggregate === undefined)) return;
    wait(literal, waits(literal) || (aggregate !== undefined && waits(aggregate)));
  });
  return { ...(location && { location }), relations: [...relations], diagnostics };
}

const spansOf = new WeakMap<Program, ReadonlyMap<number, readonly Span[]>>();

/** Returns which literals of a rule wait for a seal: those of points of order. */
export function waitingIn(program: Program, rule: number): (literal: Literal) => boolean {
  let spans = spansOf.get(program);
  if (spans === undefined) {
    const found = new Map<number, Span[]>();
    for (const point of monotonicity(program).points)
      if (point.rule !== undefined)
        found.set(point.rule, [...(found.get(point.rule) ?? []), point.span]);
    spansOf.set(program, found);
    spans = found;
  }
  const own = spans.get(rule) ?? [];
  return ({ span }) => own.some(({ start, end }) => start === span.start && end === span.end);
}

function severalKeys({ relations }: Program, at: RelationAt, span: Span): Diagnostic {
  const name = relations[at]?.name ?? "";
  return {
    ...{ severity: "error", code: "not-supported", span },
    message: `the rule asks two owners what is absent: that of relation "${name}" is another`,
    hint: "ask one in a rule of its own, whose relation this rule reads",
  };
}
