// A stratum's plan as JavaScript: one function for each rule variant. The text is a function of the
// plan and of the forms of sets, byte for byte (invariant 5).
import type { RulePlan, Side } from "../plan/plan.ts";
import { variantTexts } from "../plan/prefix.ts";
import type { UserFunctor } from "../value/user-functor.ts";
import { headsOf, indexNeeds, type FormedStratum, type IndexNeed } from "./access.ts";
import { fetchClasses } from "./emit-classes.ts";
import { fetchIndex } from "./emit-index.ts";
import { emitRoot, relationText } from "./emit-operation.ts";
import { fetchTuples } from "./emit-tuples.ts";
import { printValue } from "../value/print-value.ts";
import { comment, Writer, type Aggregation, type Constant, type Shared } from "./writer.ts";

/** The text of a stratum: the body of a function of `parameters`, which returns the `StratumCode`;
 * and what its constants and accumulators are, in the order in which the text counts them. */
export type Emitted = {
  readonly text: string;
  readonly constants: readonly Constant[];
  readonly aggregates: readonly Aggregation[];
  readonly functors: readonly UserFunctor[];
  /** The sides of each `Intersection`. */
  readonly intersections: readonly (readonly Side[])[];
};

/** The parameters of the text, in order. */
export const parameters = [
  ...["stores", "classes", "indexes", "constants", "accumulators"],
  ...["values", "operations", "counters", "range", "functors", "intersections"],
  "tally",
] as const;

/** Returns the JavaScript of a stratum. */
export function emit(stratum: FormedStratum): string {
  return emitted(stratum).text;
}

/** Returns the JavaScript of a stratum with what it refers to. */
export function emitted(stratum: FormedStratum): Emitted {
  const needs = indexNeeds(stratum);
  const shared: Text = {
    constants: [],
    aggregates: [],
    functors: [],
    intersections: [],
    records: new Set(),
    relations: new Set(),
    tallied: stratum.tallied === true,
  };
  const parts = (["once", "rounds", "subsumptions"] as const).filter(
    (part) => stratum[part] !== undefined,
  );
  const functions = parts.flatMap((part) =>
    (stratum[part] ?? []).map((rule, at) =>
      functionText(stratum, needs, rule, `${part}${at}`, shared),
    ),
  );
  const returned = parts.map((part) => {
    const names = (stratum[part] ?? []).map((_, at) => `${part}${at}`);
    return `${part}: [${names.join(", ")}]`;
  });
  const text = [
    `"use strict";`,
    ...[...shared.relations]
      .toSorted((a, b) => a - b)
      .map((at) => {
        const { name, equivalence } = relationText(stratum, at);
        return `const ${name} = ${equivalence ? "classes" : "stores"}[${at}];`;
      }),
    ...needs.map(({ relation, columns, form, composed }, at) => {
      const { name } = stratum.relations[relation]!;
      const other = composed && stratum.relations[composed.relation]!.name;
      const of = composed === undefined ? "" : ` of ${other} on [${composed.column}]`;
      const what = `${name} on [${columns.join(", ")}]: ${form}${of}`;
      return `const index${at} = indexes[${at}]; // ${what}`;
    }),
    ...shared.constants.map(
      ({ value }, at) => `const constant${at} = constants[${at}]; // ${shown(value)}`,
    ),
    ...shared.aggregates.map(
      ({ name, of }, at) => `const accumulator${at} = accumulators[${at}]; // ${name} of ${of}`,
    ),
    ...[...shared.records]
      .toSorted((a, b) => a - b)
      .map((arity) => `const records${arity} = values.records.table(${arity});`),
    ...shared.functors.map(({ name }, at) => `const functor${at} = functors[${at}]; // @${name}`),
    ...shared.intersections.map((sides, at) => {
      const names = sides.map(({ relation }) => stratum.relations[relation]!.name);
      return `const intersection${at} = intersections[${at}]; // ${names.join(" and ")}`;
    }),
    ...functions,
    `return { ${returned.join(", ")} };`,
  ];
  const { constants, aggregates, functors, intersections } = shared;
  return { text: `${text.join("\n")}\n`, constants, aggregates, functors, intersections };
}

type Text = Shared & { readonly relations: Set<number> };

function functionText(
  stratum: FormedStratum,
  needs: readonly IndexNeed[],
  rule: RulePlan,
  name: string,
  shared: Text,
): string {
  const writer = new Writer(shared, 2);
  const scope = { domain: stratum.domain, slots: rule.slots, stratum, needs };
  emitRoot(writer, scope, rule.root);

  // What is fetched is known when the body is written.
  const fetched = [...writer.relations].flatMap(([at, use]) => {
    shared.relations.add(at);
    const relation = relationText(stratum, at);
    return relation.equivalence ? fetchClasses(relation) : fetchTuples(relation, use);
  });
  const indexes = [...writer.indexes].flatMap((at) => fetchIndex({ at, need: needs[at]! }));
  const inserts = headsOf(rule).filter((at) => writer.relations.get(at)?.inserts === true);
  const ended = [
    // A fault leaves the tuples that were derived before it, also by `add`.
    ...inserts.map((at) => {
      const { name: head } = relationText(stratum, at);
      return `if (${head}.size < ${head}_size) ${head}.size = ${head}_size;`;
    }),
    ...(shared.tallied ? ["tally.probes += probes;", "tally.firings += firings;"] : []),
  ];
  const [variant = "", ...others] = variantTexts(rule).map((text) => `// ${comment(text)}`);
  return [
    `\n${variant}`,
    ...others,
    `function ${name}(from, to) {`,
    ...[...fetched, ...indexes].map((line) => `  ${line}`),
    ...writer.begun.map((name) => `  ${name}.begin();`),
    ...(shared.tallied ? ["  let probes = 0, firings = 0;"] : []),
    ...(ended.length > 0
      ? [`  try {\n${writer.text}  } finally {`, ...ended.map((line) => `    ${line}`), "  }"]
      : [`  {\n${writer.text}  }`]),
    "}",
  ].join("\n");
}

function shown(value: Constant["value"]): string {
  if (typeof value === "string") return comment(JSON.stringify(value));
  return comment(typeof value === "object" ? printValue(value) : String(value));
}
