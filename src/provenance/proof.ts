// Proofs of tuples: from a completed database back to what was given, each tuple by the rule that
// derives it in the fewest steps.
import { printLiteral } from "../analysis/dump.ts";
import type { Lattice, Literal, Rule } from "../analysis/program.ts";
import { mapLiteralTerms, mapTerms } from "../analysis/terms.ts";
import { printValue } from "../value/print-value.ts";
import type { Value } from "../value/schema.ts";
import type { Implementations } from "../value/user-functor.ts";
import type { Word } from "../value/word.ts";
import { Bodies, type Match, type Search, SearchLimit, type Way } from "./bodies.ts";
import type { Completed } from "./completed.ts";
import { type Bindings, Terms } from "./terms.ts";

/** A tuple of a relation of the program, by its place. */
export type Tuple = { readonly relation: number; readonly values: readonly Value[] };

/** Why a tuple holds. `height` is the number of rules on the longest way down to what is given; no
 * proof has less, unless lattices or subsumptions are in it. It is unknown where a part of the
 * proof is left out that has no height of its own. */
export type Proof = {
  readonly tuple: Tuple;
  readonly height: number | undefined;
  readonly derivation: Derivation;
};

/** What the last step of a proof is. */
export type Derivation =
  /** Stated in the text, or read. */
  | { readonly kind: "given" }
  /** An instance of a rule, with what it needs, in the order of its body. */
  | { readonly kind: "rule"; readonly rule: number; readonly premises: readonly Premise[] }
  /** A way through pairs of an equivalence; `reversed` ones are taken from the right. */
  | { readonly kind: "closure"; readonly pairs: readonly PairProof[] }
  /** The join of what rules, or givers, have contributed. */
  | { readonly kind: "join"; readonly contributions: readonly Proof[] }
  /** Left out: too deep, or too much. */
  | { readonly kind: "cut" }
  /** Proven where this proof began: the two add to each other. */
  | { readonly kind: "circle" }
  /** Derived from tuples that were dropped since. */
  | { readonly kind: "dropped" };

/** A pair in a way. */
export type PairProof = { readonly proof: Proof; readonly reversed: boolean };

/** What a literal of a rule rests on. */
export type Premise =
  | { readonly kind: "tuple"; readonly proof: Proof }
  /** No tuple matches `text`, whose variables have their values. */
  | { readonly kind: "absent"; readonly text: string; readonly relation: number }
  | { readonly kind: "condition"; readonly text: string }
  /** An aggregate over `count` ways to satisfy its body, with the tuples of some of them. */
  | {
      readonly kind: "aggregate";
      readonly text: string;
      readonly result: Value;
      readonly count: number;
      readonly witnesses: readonly Proof[];
    };

/** How much of a proof is worked out. */
export type ProofLimits = {
  /** Steps below the tuple that is asked for. */
  readonly depth: number;
  /** Tuples in all. */
  readonly tuples?: number;
  /** How many proofs that end with different instances of rules. */
  readonly alternatives?: number;
  /** How many rows may be looked at. */
  readonly steps?: number;
};

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

/** A tuple on its way into a proof; it is derived once, however often it is met. */
type Draft = {
  readonly relation: number;
  readonly words: readonly Word[];
  /** The keys of the tuples that it is derived for, where going round has to be avoided. */
  readonly above: ReadonlySet<string>;
  step: Step | undefined;
};

type Step =
  | { readonly kind: "given" | "circle" | "dropped" }
  | {
      readonly kind: "rule";
      readonly instance: Instance;
      readonly parts: ReadonlyMap<number, Draft>;
    }
  | {
      readonly kind: "closure";
      readonly pairs: readonly { readonly draft: Draft; readonly reversed: boolean }[];
    }
  | { readonly kind: "join"; readonly contributions: readonly Draft[] };

type Instance = { readonly rule: ProofRule; readonly way: Way; readonly witnesses: Witnesses };

type Witnesses = ReadonlyMap<number, readonly Draft[]>;

/** A rule of the program as proofs use it: its atoms read the copies that come in rounds. */
type ProofRule = { readonly at: number; readonly rule: Rule };

class Prover {
  private readonly completed: Completed;
  private readonly limits: ProofLimits;
  private readonly terms: Terms;
  private readonly bodies: Bodies;
  private readonly drafts = new Map<string, Draft>();
  private readonly proven = new Map<Draft, Proof>();

  constructor(completed: Completed, limits: ProofLimits, functors: Implementations) {
    this.completed = completed;
    this.limits = limits;
    this.terms = new Terms(completed.database.values, functors);
    this.bodies = new Bodies(completed, this.terms, limits.steps ?? stepsMaxDefault);
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
    const first = this.finished(root);
    const more = (this.limits.alternatives ?? 1) - 1;
    return more === 0 ? [first] : [first, ...this.others(relation, words, first, more)];
  }

  /** Derives a draft and its parts, the nearest first. */
  private expand(root: Draft): void {
    let left = this.limits.tuples ?? tuplesMaxDefault;
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
        for (const part of partsOf(draft.step)) if (part.step === undefined) open.add(part);
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
    for (const instance of this.instances(relation, words, {})) {
      if (left === 0) return;
      this.drafts.delete(key);
      const draft = this.draft(relation, words, new Set());
      draft.step = this.ruleStep(draft, instance);
      for (const part of partsOf(draft.step)) this.expand(part);
      if (needs(draft, key)) continue;
      this.proven.clear();
      const proof = this.finished(draft);
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
    const search = this.searchFor(draft);
    for (const careful of search.avoids ? [true, false] : [false]) {
      const accepts = careful ? search.careful : search.accepts;
      for (const instance of this.instances(relation, words, { accepts }))
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
    const search = this.searchFor(draft);
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
        if (equal(join(next, words)) && !equal(value ?? [])) found.push(contribution);
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
    for (const rule of this.rulesOf(relation)) {
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

  /** What tuples may be used for a draft: those that came before it. Where the order is not known,
   * `careful` leaves those out that it is itself used for. */
  private searchFor({ relation, words, above }: Draft) {
    const { copies, unordered, stratumOf } = this.completed.explainable;
    const origin = this.completed.originOf(relation);
    const read = copies.get(relation) ?? relation;
    const avoids = unordered.has(origin);
    const own = new Set([...above, keyOf(relation, words)]);
    const rank = avoids ? 0 : this.rankOf(read, words);
    const accepts = (match: Match, row: number | undefined): boolean => {
      if (avoids) return true;
      const from = this.completed.originOf(match.relation);
      if (match.relation === from && (read !== relation || stratumOf[from] !== stratumOf[origin]))
        return true;
      if (row !== undefined) return row < this.completed.rowsBelow(match.relation, rank);
      return this.pairRank(match.relation, match.words) < rank;
    };
    const careful = ({ relation: from, words: used }: Match): boolean =>
      !own.has(keyOf(from, used));
    return { avoids, accepts, careful };
  }

  private rankOf(read: number, words: readonly Word[]): number {
    const rows = this.completed.rows(read, [...words.keys()], words);
    return rows.count === 0 ? Infinity : this.completed.rankOf(read, rows.at(0));
  }

  /** The rank of a pair of an equivalence: it is there one round after those that it follows
   * from. */
  private pairRank(relation: number, [a, b]: readonly Word[]): number {
    const pairs = this.completed.pairsOf(relation);
    const row = this.completed.closure(pairs).rowOf(a!, b!);
    return row === undefined ? Infinity : Math.max(2, this.completed.rankOf(pairs, row) + 1);
  }

  private rulesOf(relation: number): readonly ProofRule[] {
    const { whole, copies, ruleOf } = this.completed.explainable;
    const copied = copies.has(relation);
    return whole.rules.flatMap((rule, place) => {
      const at = ruleOf[place];
      if (at === undefined || rule.head.relation !== relation) return [];
      if (rule.subsumes === true || rule.when !== undefined) return [];
      const body = rule.body.map((literal): Literal => {
        if (literal.kind !== "atom" || !copied) return literal;
        return { ...literal, relation: copies.get(literal.relation) ?? literal.relation };
      });
      return [{ at, rule: { ...rule, body } }];
    });
  }

  private *instances(
    relation: number,
    words: readonly Word[],
    search: { readonly accepts?: Search["accepts"] | undefined },
  ): Generator<Omit<Instance, "witnesses">> {
    for (const rule of this.rulesOf(relation)) {
      const { head, variables } = rule.rule;
      const start = this.terms.unified(
        head.terms,
        words,
        variables.map(() => undefined),
      );
      if (start === undefined) continue;
      const { accepts } = search;
      for (const way of this.bodies.ways(rule.rule, start, accepts ? { accepts } : {}))
        if (this.terms.unified(head.terms, words, way.bindings) !== undefined) yield { rule, way };
    }
  }

  // ---- from drafts to proofs ----

  private finished(root: Draft): Proof {
    // Parts first, without recursion: proofs are as high as recursion is deep.
    const stack: Draft[] = [root];
    while (stack.length > 0) {
      const draft = stack.at(-1)!;
      const missing = partsOf(draft.step).filter((part) => !this.proven.has(part));
      if (missing.length === 0 || this.proven.has(draft)) {
        stack.pop();
        if (!this.proven.has(draft)) this.proven.set(draft, this.proofOf(draft));
      } else stack.push(...missing);
    }
    return this.proven.get(root)!;
  }

  private proofOf(draft: Draft): Proof {
    const { relation, words, step } = draft;
    const origin = this.completed.originOf(relation);
    const tuple = { relation: origin, values: this.valuesOf(origin, words) };
    const part = (of: Draft): Proof => this.proven.get(of)!;
    const above = (parts: readonly Proof[]): number | undefined => {
      const heights = parts.map(({ height }) => height);
      return heights.includes(undefined)
        ? undefined
        : 1 + Math.max(-1, ...(heights as readonly number[]));
    };
    if (step === undefined) {
      const read = this.completed.explainable.copies.get(relation);
      const known = read !== undefined && !this.completed.explainable.pairs.has(relation);
      const height = known ? Math.max(0, this.rankOf(read, words) - 1) : undefined;
      return { tuple, height, derivation: { kind: "cut" } };
    }
    switch (step.kind) {
      case "given":
        return { tuple, height: 0, derivation: { kind: "given" } };
      case "circle":
      case "dropped":
        return { tuple, height: undefined, derivation: { kind: step.kind } };
      case "closure": {
        const pairs = step.pairs.map(({ draft: of, reversed }) => ({ proof: part(of), reversed }));
        const [only] = pairs;
        if (pairs.length === 1 && only !== undefined && same(only.proof.tuple, tuple))
          return only.proof;
        const height = above(pairs.map(({ proof }) => proof));
        return { tuple, height, derivation: { kind: "closure", pairs } };
      }
      case "join": {
        const contributions = step.contributions.map(part);
        const [only] = contributions;
        if (contributions.length === 1 && only !== undefined && same(only.tuple, tuple))
          return only;
        return {
          tuple,
          height: above(contributions),
          derivation: { kind: "join", contributions },
        };
      }
      case "rule": {
        const { instance, parts } = step;
        const premises = instance.rule.rule.body.map((literal, at) =>
          this.premise(literal, at, instance, parts),
        );
        const height = Math.max(1, above([...parts.values()].map(part)) ?? NaN);
        return {
          tuple,
          height: Number.isNaN(height) ? undefined : height,
          derivation: { kind: "rule", rule: instance.rule.at, premises },
        };
      }
    }
  }

  private premise(
    literal: Literal,
    at: number,
    { rule, way, witnesses }: Instance,
    parts: ReadonlyMap<number, Draft>,
  ): Premise {
    const part = parts.get(at);
    if (part !== undefined) return { kind: "tuple", proof: this.proven.get(part)! };
    const text = this.literalText(literal, rule.rule, way.bindings);
    if (literal.kind === "negation") return { kind: "absent", text, relation: literal.relation };
    const gathered = way.aggregates.get(at);
    if (literal.kind !== "aggregate" || gathered === undefined) return { kind: "condition", text };
    const { kind } = rule.rule.variables[literal.variable]!;
    return {
      kind: "aggregate",
      text,
      result: this.terms.values.decode(kind, way.bindings[literal.variable]!),
      count: gathered.count,
      witnesses: (witnesses.get(at) ?? []).map((of) => this.proven.get(of)!),
    };
  }

  private literalText(literal: Literal, rule: Rule, bindings: Bindings): string {
    return textOf(literal, rule, bindings, this.completed);
  }

  private valuesOf(relation: number, words: readonly Word[]): readonly Value[] {
    const { attributes } = this.completed.explainable.program.relations[relation]!;
    return words.map((word, at) => this.terms.values.decode(attributes[at]!.kind, word));
  }
}

/** Returns a literal in source notation, with values for the variables that have them. */
export function textOf(
  literal: Literal,
  { variables }: Rule,
  bindings: Bindings,
  { database, explainable }: Completed,
): string {
  const constant = mapLiteralTerms(literal, (term) =>
    mapTerms(term, (of) => {
      const word = of.kind === "variable" ? bindings[of.variable] : undefined;
      if (of.kind !== "variable" || word === undefined) return of;
      const { kind } = variables[of.variable]!;
      return { kind: "constant", of: kind, value: database.values.decode(kind, word) };
    }),
  );
  return printLiteral(constant, { relations: explainable.whole.relations, variables });
}

function partsOf(step: Step | undefined): readonly Draft[] {
  switch (step?.kind) {
    case "rule":
      return [...step.parts.values(), ...[...step.instance.witnesses.values()].flat()];
    case "closure":
      return step.pairs.map(({ draft }) => draft);
    case "join":
      return step.contributions;
    case "given":
    case "circle":
    case "dropped":
    case undefined:
      return [];
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

function keyOf(relation: number, words: readonly Word[]): string {
  return `${relation}:${words.join()}`;
}

function lastStep({ derivation }: Proof): string {
  if (derivation.kind !== "rule") return derivation.kind;
  const premises = derivation.premises.map((premise) =>
    premise.kind === "tuple" ? tupleKey(premise.proof.tuple) : premise.text,
  );
  return `${derivation.rule} ${premises.join("; ")}`;
}

function tupleKey({ relation, values }: Tuple): string {
  return `${relation}(${values.map(printValue).join(", ")})`;
}

function same(a: Tuple, b: Tuple): boolean {
  return tupleKey(a) === tupleKey(b);
}
