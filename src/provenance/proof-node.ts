// What is shown of a proof: its nodes, what is said of each, and what they rest on.
import type { Program } from "../analysis/program.ts";
import { positionAt, type Span } from "../base/source.ts";
import type { FactSource } from "../transducer/trail.ts";
import { printValue } from "../value/print-value.ts";
import type { Derivation, Premise, Proof, Tuple } from "./proof.ts";

/** Returns a tuple as a program writes it: `path(1, 4)`. */
export function tupleText({ relation, values }: Tuple, program: Program): string {
  return `${program.relations[relation]?.name ?? ""}(${values.map(printValue).join(", ")})`;
}

/** Returns where a rule stands: `reach.dl:4`. */
export function placeText({ source, start }: Span): string {
  return `${source.path}:${positionAt(source, start).line}`;
}

/** What a tree of a proof has lines for. */
export type ProofNode =
  | Proof
  | Exclude<Premise, { kind: "tuple" }>
  /** A pair that is taken from its right. */
  | { readonly kind: "reversed"; readonly proof: Proof };

/** Returns the parts of a node of a proof. */
export function partsOf(node: ProofNode): readonly ProofNode[] {
  if ("derivation" in node) return below(node.derivation);
  if (node.kind === "aggregate") return node.witnesses;
  return node.kind === "reversed" ? below(node.proof.derivation) : [];
}

function below(derivation: Derivation): readonly ProofNode[] {
  switch (derivation.kind) {
    case "rule":
      return derivation.premises.map((premise) =>
        premise.kind === "tuple" ? premise.proof : premise,
      );
    case "closure":
      return derivation.pairs.map(({ proof, reversed }) =>
        reversed ? { kind: "reversed", proof } : proof,
      );
    case "join":
      return derivation.contributions;
    case "arrival":
      return derivation.earlier === undefined ? [] : below(derivation.earlier.derivation);
    case "given":
    case "cut":
    case "circle":
    case "dropped":
      return [];
  }
}

/** Returns what is said of a node: its text, and what stands beside it. */
export function described(
  node: ProofNode,
  program: Program,
): { readonly text: string; readonly style?: "good" | "bad" | "strong"; readonly beside: string } {
  if ("derivation" in node) {
    return {
      text: tupleText(node.tuple, program),
      style: "strong",
      beside: derivationText(node, program),
    };
  }
  switch (node.kind) {
    case "reversed": {
      const { text, beside } = described(node.proof, program);
      return { text, style: "strong", beside: `${beside}, from right to left` };
    }
    case "absent":
      return { text: node.text, style: "bad", beside: absentText(node.relation, program) };
    case "condition":
      return { text: node.text, beside: "" };
    case "aggregate": {
      const some = node.witnesses.length > 0 ? ", of which some are" : "";
      const ways = node.count === 1 ? "1 way" : `${node.count} ways`;
      return {
        text: `${node.text} gives ${printValue(node.result)}`,
        beside: `over ${ways}${some}`.replace(
          /, of which some are$/,
          node.count > 1 ? ", such as" : "",
        ),
      };
    }
  }
}

function absentText(relation: number, program: Program): string {
  const derived = program.rules.some(({ head }) => head.relation === relation);
  return derived ? "no rule derives it" : "not given";
}

function derivationText(proof: Proof, program: Program): string {
  const text = ownText(proof, program);
  return proof.step === undefined ? text : `${text}, in step ${proof.step}`;
}

function ownText({ derivation, height, tuple }: Proof, program: Program): string {
  switch (derivation.kind) {
    case "given":
      return derivation.source ? sourceText(derivation.source) : givenText(tuple, program);
    case "arrival": {
      const { earlier, sent, step } = derivation;
      const from = earlier === undefined ? "…" : ownText(earlier, program);
      return `${from}, ${sent ? "sent " : ""}by step ${step}`;
    }
    case "rule": {
      const { span } = program.rules[derivation.rule]!;
      const { choices } = program.relations[tuple.relation]!;
      return `${placeText(span)}${choices === undefined ? "" : ", chosen first"}`;
    }
    case "closure":
      return "equivalent, through";
    case "join":
      return "joined from";
    case "cut":
      return height === undefined ? "…" : `… ${height} more step${height === 1 ? "" : "s"}`;
    case "circle":
      return "explained above: the two add to each other";
    case "dropped":
      return "derived from tuples that were dropped since";
  }
}

function sourceText({ kind, origin, number }: FactSource): string {
  return `${kind} ${number} of ${origin}`;
}

function givenText(tuple: Tuple, program: Program): string {
  const span = factsOf(program).get(tupleText(tuple, program));
  if (span !== undefined) return `fact, ${placeText(span)}`;
  const { place = {} } = program.relations[tuple.relation]!;
  if (place.memory === true) return "in memory since an earlier step";
  return place.message === true ? "received" : "given";
}

const factPlaces = new WeakMap<Program, ReadonlyMap<string, Span>>();

/** Where the facts of a program stand, by their texts. */
function factsOf(program: Program): ReadonlyMap<string, Span> {
  const known = factPlaces.get(program);
  if (known !== undefined) return known;
  const places = new Map<string, Span>();
  for (const { span, ...fact } of program.facts) {
    const text = tupleText(fact, program);
    if (!places.has(text)) places.set(text, span);
  }
  factPlaces.set(program, places);
  return places;
}
