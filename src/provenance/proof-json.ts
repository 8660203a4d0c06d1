import { printRule } from "../analysis/dump.ts";
import type { Program } from "../analysis/program.ts";
import { positionAt } from "../base/source.ts";
import { printValue } from "../value/print-value.ts";
import type { Outline } from "./outline.ts";
import { described, partsOf, type ProofNode, tupleText } from "./proof-node.ts";
import type { Derivation, Proof } from "./proof.ts";
import type { Absence } from "./why-not.ts";

/** A JSON value. */
export type Json =
  null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Returns a proof as a table of its nodes: `root` is the place of the first, and `premises` are
 * places too, so that what is used twice stands there once. */
export function proofJson(proof: Proof, program: Program): Json {
  const places = new Map<ProofNode, number>([[proof, 0]]);
  const nodes: Json[] = [];
  for (const node of places.keys()) {
    const parts = partsOf(node).map((part) => {
      const place = places.get(part) ?? places.size;
      places.set(part, place);
      return place;
    });
    const { text, beside } = described(node, program);
    const premises = parts.length === 0 ? {} : { premises: parts };
    nodes.push({ ...nodeJson(node, program), text, beside, ...premises });
  }
  return { root: 0, tuple: tupleText(proof.tuple, program), nodes };
}

/** A node of a proof, as much as it takes to show it. */
export type ShownNode = {
  readonly kind: string;
  readonly text: string;
  readonly beside: string;
  readonly premises?: readonly number[] | undefined;
};

/** Returns the outline of a proof of which there is the table of nodes. */
export function outlineOfNodes(nodes: readonly ShownNode[], root: number): Outline {
  const outlines = nodes.map(({ kind, text, beside }): Outline & { readonly parts: Outline[] } => {
    const style = styles[kind] ?? "strong";
    const more = { ...(kind === "cut" && { cut: true as const }) };
    return { text, beside, parts: [], ...(style !== "plain" && { style }), ...more };
  });
  for (const [at, { premises = [] }] of nodes.entries())
    outlines[at]?.parts.push(...premises.flatMap((of) => outlines[of] ?? []));
  return outlines[root] ?? { text: "", beside: "", parts: [] };
}

const styles: Readonly<Record<string, "bad" | "plain">> = {
  absent: "bad",
  condition: "plain",
  aggregate: "plain",
};

function nodeJson(node: ProofNode, program: Program): { readonly [key: string]: Json } {
  if ("derivation" in node) {
    const { tuple, height, derivation, step } = node;
    return {
      kind: derivation.kind,
      tuple: tupleText(tuple, program),
      height: height ?? null,
      ...(step === undefined ? {} : { step }),
      ...derivationJson(derivation, program),
    };
  }
  switch (node.kind) {
    case "reversed":
      return { kind: "reversed", tuple: tupleText(node.proof.tuple, program) };
    case "absent":
    case "condition":
      return { kind: node.kind };
    case "aggregate": {
      const { kind, result, count } = node;
      return { kind, result: printValue(result), count };
    }
  }
}

function derivationJson(
  derivation: Derivation,
  program: Program,
): { readonly [key: string]: Json } {
  if (derivation.kind === "rule") return { rule: ruleJson(derivation.rule, program) };
  if (derivation.kind === "given" && derivation.source !== undefined)
    return { source: { ...derivation.source } };
  if (derivation.kind !== "arrival") return {};
  const { step, sent, earlier } = derivation;
  const rule = earlier === undefined ? {} : derivationJson(earlier.derivation, program);
  return { earlierStep: step, sent, ...rule };
}

function ruleJson(at: number, program: Program): Json {
  const rule = program.rules[at]!;
  const { source, start } = rule.span;
  const { line, column } = positionAt(source, start);
  return { text: printRule(program.relations, rule), file: source.path, line, column };
}

/** Returns why a tuple does not hold. */
export function absenceJson(absence: Absence, program: Program): Json {
  const { text, given, instead, rules, removedIn } = absence;
  return {
    tuple: text,
    given,
    ...(removedIn === undefined ? {} : { removedIn }),
    instead: instead.map(({ because, tuple: other }) => ({
      because,
      tuple: tupleText(other, program),
    })),
    rules: rules.map((failure) => ({
      kind: failure.kind,
      rule: ruleJson(failure.rule, program),
      ...("held" in failure ? { held: failure.held } : {}),
      ...(failure.kind === "body"
        ? {
            failed: failure.failed,
            ...(failure.there && { there: failure.there.map((of) => tupleText(of, program)) }),
            ...(failure.absence && { absence: absenceJson(failure.absence, program) }),
            variables: Object.fromEntries(
              failure.variables.map(({ name, value }) => [name, printValue(value)]),
            ),
          }
        : {}),
    })),
  };
}
