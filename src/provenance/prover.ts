// Proofs of tuples: from a completed database back to what was given, each tuple by the rule that
// derives it in the fewest steps.
import type { Lattice } from "../analysis/program.ts";
import type { Implementations } from "../value/user-functor.ts";
import type { Word } from "../value/word.ts";
import { Assembly } from "./assembly.ts";
import { Bodies, type Match, type Search, SearchLimit } from "./bodies.ts";
import type { Completed } from "./completed.ts";
import { type Draft, type Instance, keyOf, partsOf, type Step } from "./draft.ts";
import { Instances } from "./instances.ts";
import { type Proof, type ProofLimits, type Tuple, tupleKey } from "./proof.ts";
import { Terms } from "./terms.ts";

const tuplesMaxDefault = 10_000;
const stepsMaxDefault = 50_000_000;

/** Returns proofs of a tuple, one of the least height first; none if it does not hold. */
export function proofsOf(
  completed: Completed,
  tuple: Tuple,
  limits: ProofLimits,
  functors: Implementations = {},
): readonly Proof[] {
  return new Prover(completed, limits, functors).proofs(tuple);
}

class Prover {
  private readonly completed: Completed;
  private readonly limits: ProofLimits;
  private readonly terms: Terms;
  private readonly bodies: Bodies;
  private readonly drafts = new Map<string, Draft>();
  private readonly instances: Instances;

  constructor(completed: Completed, limits: ProofLimits, functors: Implementations) {
    this.completed = completed;
    this.limits = limits;
    this.terms = new Terms(completed.database.values, functors);
    this.bodies = new Bodies(completed, this.terms, limits.steps ?? stepsMaxDefault);
    this.instances = new Instances(completed, this.terms, this.bodies);
  }

  proofs({ relation, values }: Tuple): readonly Proof[] {
    const { program } = this.completed.explainable;
    const { attributes } = program.relations[relation]!;
    const { database } = this.completed;
    const words = values.map((value, at) => database.values.encode(attributes[at]!.kind, value));
    if (!database.relations[relation]!.has(words)) return [];
    this.completed.derive([relation]);
    const root = this.draft(relation, words, new Set());
    this.expand(root);
    const first = this.assembly().finished(root);
    const more = (this.limits.alternatives ?? 1) - 1;
    return more === 0 ? [first] : [first, ...this.found(relation, words, first, more)];
  }

  private found(relation: number, words: readonly Word[], first: Proof, more: number): Proof[] {
    const proofs: Proof[] = [];
    try {
      for (const proof of this.others(relation, words, first, more)) proofs.push(proof);
    } catch (error) {
      if (!(error instanceof SearchLimit)) throw error;
    }
    return proofs;
  }

  /** Derives a draft and its parts, the nearest first. */
  private expand(root: Draft): void {
    let left = this.limits.tuples ?? tuplesMaxDefault;
    const met = new Set([root]);
    let open = new Set([root]);
    for (let depth = 0; depth < this.limits.depth && open.size > 0; depth++) {
      const level = open;
      open = new Set();
      for (const draft of level) {
        if (--left < 0) return;
        try {
          draft.step ??= this.step(draft);
        } catch (error) {
          if (!(error instanceof SearchLimit)) throw error;
        }
        for (const part of partsOf(draft.step)) {
          if (met.has(part)) continue;
          met.add(part);
          open.add(part);
        }
      }
    }
  }

  /** Proofs whose last steps are other instances of rules, and that do not need the tuple again. */
  private *others(
    relation: number,
    words: readonly Word[],
    first: Proof,
    count: number,
  ): Generator<Proof> {
    const { derivation } = first;
    if (derivation.kind !== "rule") return;
    const seen = new Set([lastStep(first)]);
    const key = keyOf(relation, words);
    let left = count;
    for (const instance of this.instances.instances(relation, words, {})) {
      if (left === 0) return;
      this.drafts.delete(key);
      const draft = this.draft(relation, words, new Set());
      draft.step = this.ruleStep(draft, instance);
      for (const part of partsOf(draft.step)) this.expand(part);
      if (needs(draft, key)) continue;
      const proof = this.assembly().finished(draft);
      const last = lastStep(proof);
      if (seen.has(last)) continue;
      seen.add(last);
      left--;
      yield proof;
    }
  }

  private draft(relation: number, words: readonly Word[], above: ReadonlySet<string>): Draft {
    const { unordered } = this.completed.explainable;
    const key = keyOf(relation, words);
    const shared = !unordered.has(this.completed.originOf(relation));
    const before = shared ? this.drafts.get(key) : undefined;
    if (before !== undefined) return before;
    const draft: Draft = { relation, words, above, step: undefined };
    if (shared) this.drafts.set(key, draft);
    if (this.isGiven(relation, words)) draft.step = { kind: "given" };
    else if (!shared && above.has(key)) draft.step = { kind: "circle" };
    return draft;
  }

  /** Whether a tuple of a relation of the program, or a pair of an equivalence, is given. */
  private isGiven(relation: number, words: readonly Word[]): boolean {
    const { explainable, database } = this.completed;
    const origin = this.completed.originOf(relation);
    const given = explainable.given[origin]!;
    if (given !== relation && explainable.pairs.get(origin) === relation)
      return database.relations[given]!.has(words);
    if (explainable.pairs.has(origin)) return false;
    if (given !== relation) return database.relations[given]!.has(words);
    return !explainable.program.rules.some(({ head }) => head.relation === relation);
  }

  private step(draft: Draft): Step {
    const { relation, words } = draft;
    const { explainable } = this.completed;
    const { lattices } = explainable.program.relations[this.completed.originOf(relation)]!;
    if (explainable.pairs.has(relation)) return this.closureStep(draft);
    if (lattices !== undefined) return this.joinStep(draft, lattices);
    const search = this.instances.searchFor(draft);
    for (const careful of search.avoids ? [true, false] : [false]) {
      const accepts = careful ? search.careful : search.accepts;
      for (const instance of this.instances.instances(relation, words, { accepts }))
        return this.ruleStep(draft, instance);
    }
    return { kind: "dropped" };
  }

  private ruleStep(draft: Draft, { rule, way }: Omit<Instance, "witnesses">): Step {
    const above = this.aboveParts(draft);
    const part = (match: Match): Draft =>
      this.draft(this.completed.provenAs(match.relation), match.words, above);
    const parts = new Map([...way.atoms].map(([at, match]) => [at, part(match)]));
    const witnesses = new Map(
      [...way.aggregates].map(([at, { ways }]) => [
        at,
        ways.flatMap((inner) => [...inner.atoms.values()].map(part)),
      ]),
    );
    return { kind: "rule", instance: { rule, way, witnesses }, parts };
  }

  private aboveParts({ relation, words, above }: Draft): ReadonlySet<string> {
    const { unordered } = this.completed.explainable;
    if (!unordered.has(this.completed.originOf(relation))) return above;
    return new Set([...above, keyOf(relation, words)]);
  }

  private closureStep(draft: Draft): Step {
    const { relation, words } = draft;
    const { explainable } = this.completed;
    const pairs = explainable.pairs.get(relation)!;
    const read = explainable.copies.get(pairs) ?? pairs;
    const closure = this.completed.closure(read);
    const [a, b] = [words[0]!, words[1]!];
    const latest = closure.rowOf(a, b)!;
    const { columns } = this.completed.database.relations[read]!.tuples;
    const above = this.aboveParts(draft);
    const steps = closure.way(a, b, latest + 1).map(({ row, reversed }) => ({
      draft: this.draft(
        pairs,
        columns.map((column) => column[row]!),
        above,
      ),
      reversed,
    }));
    return { kind: "closure", pairs: steps };
  }

  /** What rules contribute to the value of a key, until it is that of the tuple. */
  private joinStep(draft: Draft, lattices: readonly Lattice[]): Step {
    const { relation, words } = draft;
    const keys = words.length - lattices.length;
    const search = this.instances.searchFor(draft);
    const join = (a: readonly Word[], b: readonly Word[]): readonly Word[] =>
      a.map((word, at) => (at < keys ? word : this.joined(lattices[at - keys]!, word, b[at]!)));
    const equal = (a: readonly Word[]): boolean => a.every((word, at) => word === words[at]);
    for (const accepts of [search.careful, search.accepts]) {
      let value: readonly Word[] | undefined;
      const found: Draft[] = [];
      for (const { words: part, step } of this.contributions(draft, keys, accepts)) {
        const alone = join(part, part);
        const contribution = { relation, words: part, above: draft.above, step };
        if (equal(alone)) return { kind: "join", contributions: [contribution] };
        const next = value === undefined ? alone : join(value, part);
        if (value !== undefined && next.every((word, at) => word === value?.[at])) continue;
        found.push(contribution);
        value = next;
        if (equal(value)) break;
      }
      if (value !== undefined && equal(value)) return { kind: "join", contributions: found };
    }
    return { kind: "dropped" };
  }

  private *contributions(
    draft: Draft,
    keys: number,
    accepts: Search["accepts"],
  ): Generator<{ readonly words: readonly Word[]; readonly step: Step }> {
    const { relation, words } = draft;
    const { given } = this.completed.explainable;
    const source = given[relation]!;
    const hasRules = this.completed.explainable.program.rules.some(
      ({ head }) => head.relation === relation,
    );
    if (source !== relation || !hasRules) {
      const columns = Array.from({ length: keys }, (_, at) => at);
      const rows = this.completed.rows(source, columns, words.slice(0, keys));
      const { tuples } = this.completed.database.relations[source]!;
      for (let place = 0; place < rows.count; place++)
        yield {
          words: tuples.columns.map((column) => column[rows.at(place)]!),
          step: { kind: "given" },
        };
    }
    for (const rule of this.instances.rulesOf(relation)) {
      const { head, variables } = rule.rule;
      const open = variables.map(() => undefined);
      const start = this.terms.unified(head.terms.slice(0, keys), words, open);
      if (start === undefined) continue;
      for (const way of this.bodies.ways(rule.rule, start, accepts ? { accepts } : {})) {
        const part = head.terms.map((term) => this.terms.word(term, way.bindings));
        if (!part.every((word) => word !== undefined)) continue;
        if (!part.slice(0, keys).every((word, at) => word === words[at])) continue;
        yield { words: part, step: this.ruleStep(draft, { rule, way }) };
      }
    }
  }

  private joined({ lub, maps = 0 }: Lattice, a: Word, b: Word): Word {
    let join = (one: Word, other: Word): Word => this.terms.word(lub, [one, other]) ?? one;
    for (let at = 0; at < maps; at++) {
      const values = join;
      join = (one, other) => this.completed.database.values.maps.union(one, other, values);
    }
    return join(a, b);
  }

  private assembly(): Assembly {
    return new Assembly(this.completed, this.terms, this.instances);
  }
}

/** Whether what a draft is proven by is, somewhere, the tuple of this key. */
function needs(draft: Draft, key: string): boolean {
  const seen = new Set(partsOf(draft.step));
  for (const part of seen) {
    if (keyOf(part.relation, part.words) === key) return true;
    for (const further of partsOf(part.step)) seen.add(further);
  }
  return false;
}

function lastStep({ derivation }: Proof): string {
  if (derivation.kind !== "rule") return derivation.kind;
  const premises = derivation.premises.map((premise) =>
    premise.kind === "tuple" ? tupleKey(premise.proof.tuple) : premise.text,
  );
  return `${derivation.rule} ${premises.join("; ")}`;
}
