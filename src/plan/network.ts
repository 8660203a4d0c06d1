// From a program for a network to what one of its nodes computes in a step: heads that hold later
// become relations of their own, whose tuples are the step's effects.
//
//     learn(x, y)@n :~ edge(x, y), All(n).
//
// becomes a relation `#send learn` with the location first, which nothing reads:
//
//     #send learn(n, x, y) :- edge(x, y), All(n).
import { assert } from "../base/assert.ts";
import type {
  Fact,
  Literal,
  Program,
  Relation,
  RelationAt,
  Rule,
  Term,
} from "../analysis/program.ts";

/** What a node computes in a step, and what becomes of it. */
export type NetworkProgram = {
  /** The program of one step. The relations of the program keep their places; those of effects
   * follow them, each in a stratum after all others. */
  readonly step: Program;
  /** For each relation of the program. */
  readonly roles: readonly Role[];
  readonly effects: readonly Effect[];
  /** What the text states of memory and events: there in the first step, as if inserted before. */
  readonly initial: readonly Fact[];
};

/** What a relation is to a node. */
export type Role = {
  readonly name: string;
  /** Clients insert into it. */
  readonly input: boolean;
  /** Answers come from it. */
  readonly output: boolean;
  /** Peers may send its tuples. */
  readonly message: boolean;
  /** What is inserted, delivered or put into memory is there in later steps too; otherwise, an
   * event, in one step only. */
  readonly kept: boolean;
  /** What rules derive for it depends on events: it is derived anew in every step. */
  readonly passing: boolean;
  readonly system?: "Id" | "All";
  /** A view that is not final. */
  readonly snapshot: boolean;
};

/** What happens after a step to the tuples of the relation at `of` in the step's program. */
export type Effect =
  /** They are sent: to the node that their first value names where they are `located`, otherwise to
   * every neighbour. A tuple of a kept relation is sent once to each. */
  | {
      readonly kind: "send";
      readonly relation: RelationAt;
      readonly of: RelationAt;
      readonly located: boolean;
    }
  /** They are put into memory, or taken out of it, before the next step. A tuple that is in both
   * stays as it is: in or out (the transition of a transducer in Ameloot, Neven and Van den
   * Bussche, PODS 2011, section 3). */
  | { readonly kind: "insert" | "remove"; readonly relation: RelationAt; readonly of: RelationAt };

/** Returns what a node of a network computes. */
export function networkProgram(program: Program): NetworkProgram {
  const relations: Relation[] = [...program.relations];
  const rules: Rule[] = [];
  const effects: Effect[] = [];
  /** Where the rules of this step have gone, and those of effects, by their relations. */
  const places = new Map<number, number>();
  const rulesOf = new Map<RelationAt, number[]>();
  const effectOf = new Map<string, RelationAt>();
  for (const [at, rule] of program.rules.entries()) {
    if (rule.when === undefined) {
      places.set(at, rules.push(rule) - 1);
      continue;
    }
    const { relation } = rule.head;
    const kind = effectKind(rule);
    const located = rule.location !== undefined;
    const key = `${kind} ${relation} ${located}`;
    let of = effectOf.get(key);
    if (of === undefined) {
      const forwarding = kind === "send" && forwards(rule);
      of = forwarding
        ? relation
        : relations.push(effectRelation(kind, relationAt(program, relation), located)) - 1;
      if (!forwarding) effectOf.set(key, of);
      effects.push(kind === "send" ? { kind, relation, of, located } : { kind, relation, of });
    }
    if (of !== relation)
      rulesOf.set(of, [...(rulesOf.get(of) ?? []), rules.push(effectRule(rule, of)) - 1]);
  }
  const strata = program.strata.map((stratum) => ({
    ...stratum,
    rules: stratum.rules.map((at) => places.get(at) ?? at),
  }));
  for (const [of, own] of rulesOf) strata.push({ relations: [of], rules: own, recursive: false });
  const starts = ({ relation }: Fact): boolean => {
    const { place = {} } = relationAt(program, relation);
    return place.memory === true || place.event === true;
  };
  const facts = program.facts.filter((fact) => !starts(fact));
  const step = { ...program, relations, rules, strata, facts };
  return { step, roles: rolesOf(program), effects, initial: program.facts.filter(starts) };
}

function effectKind({ when, removes }: Rule): Effect["kind"] {
  if (when === "later") return "send";
  return removes === true ? "remove" : "insert";
}

/** Whether a rule sends on what it is told: `r(x, y) :~ r(x, y).` */
function forwards({ head, body, location }: Rule): boolean {
  const [atom] = body;
  if (location !== undefined || body.length !== 1 || atom?.kind !== "atom") return false;
  const seen = new Set<number>();
  return (
    atom.relation === head.relation &&
    atom.terms.every((term, at) => {
      const other = head.terms[at];
      if (term.kind !== "variable" || other?.kind !== "variable") return false;
      if (term.variable !== other.variable || seen.has(term.variable)) return false;
      seen.add(term.variable);
      return true;
    })
  );
}

function relationAt({ relations }: Program, at: RelationAt): Relation {
  const relation = relations[at];
  assert(relation !== undefined, `a program has a relation ${at}`);
  return relation;
}

function effectRelation(
  kind: Effect["kind"],
  { name, attributes, lattices, span }: Relation,
  located: boolean,
): Relation {
  const place = { name: "#node", type: "symbol", kind: "symbol" } as const;
  return {
    name: `#${kind} ${name}`,
    attributes: located ? [place, ...attributes] : attributes,
    inlined: false,
    ...(lattices !== undefined && { lattices }),
    span,
  };
}

/** The body as it is; the head's tuple, with its location first. */
function effectRule({ head, body, variables, location, span }: Rule, of: RelationAt): Rule {
  const terms: readonly Term[] = location === undefined ? head.terms : [location, ...head.terms];
  return { head: { relation: of, terms }, body, variables, span };
}

function rolesOf(program: Program): Role[] {
  const { relations, directives } = program;
  const named = (word: "input" | "output"): Set<RelationAt> =>
    new Set(directives.flatMap((of) => (of.word === word ? [of.relation] : [])));
  const [inputs, outputs] = [named("input"), named("output")];
  const passing = passingRelations(program);
  return relations.map(({ name, place = {} }, at) => ({
    name,
    input: inputs.has(at),
    output: outputs.has(at),
    message: place.message === true,
    kept: place.event !== true,
    passing: passing.has(at),
    snapshot: place.snapshot === true,
    ...(place.system !== undefined && { system: place.system }),
  }));
}

/** Events, and what rules derive from them in the same step. */
function passingRelations({ relations, rules }: Program): Set<RelationAt> {
  const passing = new Set(
    relations.flatMap(({ place }, at) => (place?.event === true ? [at] : [])),
  );
  const reads = (literals: readonly Literal[]): boolean =>
    literals.some((literal) => {
      if (literal.kind === "aggregate") return reads(literal.body);
      const read = literal.kind === "atom" || literal.kind === "negation";
      return read && passing.has(literal.relation);
    });
  for (let before = -1; before < passing.size;) {
    before = passing.size;
    for (const { head, body, when } of rules)
      if (when === undefined && reads(body)) passing.add(head.relation);
  }
  return passing;
}

/** Returns a program in which every node sends on what it knows of each input that something reads:
 * the oblivious transducer that floods (Ameloot, Neven and Van den Bussche, PODS 2011, Lemma 5.2
 * and Theorem 6.2). A monotone program so run has at every node, in the end, the answer of one
 * machine that holds all input. */
export function flooded(program: Program): Program {
  const inputs = new Set(
    program.directives.flatMap(({ word, relation }) => (word === "input" ? [relation] : [])),
  );
  const relations = program.relations.map((relation, at) =>
    inputs.has(at)
      ? { ...relation, place: { ...relation.place, message: true as const } }
      : relation,
  );
  const forwarding = [...inputs].map((at): Rule => {
    const { attributes, span } = relationAt(program, at);
    const variables = attributes.map(({ name, kind }) => ({ name, kind }));
    const terms = variables.map((_, variable): Term => ({ kind: "variable", variable }));
    return {
      head: { relation: at, terms },
      body: [{ kind: "atom", relation: at, terms, span }],
      ...{ variables, when: "later", span },
    };
  });
  return { ...program, relations, rules: [...program.rules, ...forwarding] };
}

/** Returns a program with an input `#seals` beside its own, in which members say what is complete
 * (see `transducer/seals.ts`), and the place of that. */
export function sealable(program: Program): { readonly program: Program; readonly seals: number } {
  const seals = program.relations.length;
  const span = program.relations[0]?.span ?? { source: { path: "", text: "" }, start: 0, end: 0 };
  const symbols = ["member", "relation", "origin"].map((name) => {
    return { name, type: "symbol", kind: "symbol" } as const;
  });
  const count = { name: "facts", type: "number", kind: "number" } as const;
  const relation = { name: "#seals", attributes: [...symbols, count], inlined: false, span };
  return {
    seals,
    program: {
      ...program,
      relations: [...program.relations, relation],
      strata: [...program.strata, { relations: [seals], rules: [], recursive: false }],
      directives: [
        ...program.directives,
        { word: "input", relation: seals, parameters: new Map(), span },
      ],
    },
  };
}

/** Whether a program says anything of other steps or nodes. */
export function saysNetwork({ relations, rules }: Program): boolean {
  return (
    rules.some(({ when }) => when !== undefined) ||
    relations.some(({ place = {} }) => place.system !== undefined || place.event === true)
  );
}
