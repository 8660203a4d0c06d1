// From the verdict to findings: each point of order that reaches an output above the accepted
// level, with the way it takes.
import { copyLabels, type Diagnostic, type Label } from "../base/diagnostic.ts";
import type { Code } from "./codes.ts";
import type { Level, Monotonicity, PointKind, PointOfOrder } from "./levels.ts";
import { affectedBy, pathTo, within } from "./monotone.ts";
import { contractFindings } from "./monotone-contracts.ts";
import { sealFindings } from "./monotone-seals.ts";
import type { Program, RelationAt } from "./program.ts";
import { visitLiterals } from "./work-rule.ts";

/** How `levelFindings` is to judge: `accept` is the worst level that passes, M unless given. */
export type LevelOptions = { readonly accept?: Level };

/** How many outputs a finding names, and how many steps of a way it shows beside the flow. */
const outputsShownMax = 5;
const stepsShownMax = 4;

/** Returns what keeps the outputs of `program` from the accepted level, and what is wrong with its
 * contracts and snapshots, in the order of the points. */
export function levelFindings(
  program: Program,
  verdict: Monotonicity,
  options: LevelOptions = {},
): Diagnostic[] {
  const accepted = acceptedLevels(program, options);
  const pointFindings = verdict.points.flatMap((point, at) => {
    const finding = findingOf(at, point, program, verdict, accepted);
    return finding === undefined ? [] : [finding];
  });
  return [
    ...pointFindings,
    ...snapshotReads(program),
    ...sealFindings(program, verdict),
    ...contractFindings(program, verdict, accepted.passes),
  ];
}

type Accepted = {
  /** Whether a relation of this level is accepted. */
  readonly accepts: (level: Level) => boolean;
  /** Whether what affects a relation affects those that read it: not where the text says that it is
   * ordered, or a snapshot. */
  readonly passes: (relation: RelationAt) => boolean;
};

function acceptedLevels(
  { relations, contracts }: Program,
  { accept = "M" }: LevelOptions,
): Accepted {
  const worst = contracts.reduce<Level>(
    (soFar, of) => (of.claim === "level" && within(soFar, of.level) ? of.level : soFar),
    accept,
  );
  const coordinates = contracts.some(({ claim }) => claim === "coordinating");
  const ordered = new Set(contracts.flatMap((of) => (of.claim === "ordered" ? [of.relation] : [])));
  return {
    accepts: (level) => within(level, worst) || (coordinates && level === "coordinating"),
    passes: (at) => !ordered.has(at) && relations[at]?.place?.snapshot !== true,
  };
}

function findingOf(
  at: number,
  point: PointOfOrder,
  program: Program,
  verdict: Monotonicity,
  { accepts, passes }: Accepted,
): Diagnostic | undefined {
  if (accepts(point.level)) return undefined;
  const affected = affectedBy(program, point, passes);
  const isOutput = new Set(verdict.outputs);
  const reached = affected.filter((relation) => {
    const level = verdict.relations[relation]?.level;
    if (!isOutput.has(relation) || level === undefined || accepts(level)) return false;
    // What coordinates may negate what it has waited for.
    return level !== "coordinating" || point.kind === "coordination";
  });
  const [nearest] = reached;
  if (nearest === undefined) return undefined;
  const name = (of: RelationAt) => program.relations[of]?.name ?? "";
  const steps = pathTo(program, verdict, at, nearest, passes).map(
    ({ relation, from, span }): Label => ({
      span,
      text: `"${name(relation)}" reads "${name(from)}" here`,
    }),
  );
  const cause = { span: point.span, text: labels[point.kind] };
  const { hint } = point;
  return {
    severity: "error",
    code: pointCodes[point.kind],
    message: point.message,
    span: point.span,
    label: cause.text,
    related: [...shortened(steps), ...copyLabels(point.span)],
    notes: [reaches(reached.map(name))],
    ...(hint !== undefined && { hint }),
    flow: [cause, ...steps],
    subject: name(point.relation),
  };
}

/** The code of the findings of each kind of point. */
const pointCodes = {
  negation: "negation-not-monotone",
  aggregate: "aggregate-not-monotone",
  lattice: "lattice-left",
  deletion: "deletion-not-monotone",
  subsumption: "subsumption-not-monotone",
  choice: "choice-not-monotone",
  order: "order-dependent",
  arrival: "unguarded-event",
  ordered: "reads-ordered",
  coordination: "coordinates",
  laws: "laws-not-claimed",
} as const satisfies Record<PointKind, Code>;

const labels: Readonly<Record<PointKind, string>> = {
  negation: "a further tuple here takes the result back",
  aggregate: "a further tuple here changes the result",
  lattice: "as this value grows, the result changes",
  deletion: "what was there is gone",
  subsumption: "what was there is dropped for something better",
  choice: "what comes first is taken",
  order: "this depends on the order of evaluation",
  arrival: "this depends on the order of arrival",
  ordered: "this changes as transactions say",
  coordination: "with this, both are known",
  laws: "this may be in no order",
};

/** The first and the last steps of a way. */
function shortened(steps: readonly Label[]): readonly Label[] {
  if (steps.length <= stepsShownMax) return steps;
  const half = stepsShownMax / 2;
  return [...steps.slice(0, half), ...steps.slice(-half)];
}

function reaches(outputs: readonly string[]): string {
  const shown = outputs.slice(0, outputsShownMax).map((name) => `"${name}"`);
  const more = outputs.length - shown.length;
  const list = shown.join(", ");
  const what = outputs.length === 1 ? "the output" : "the outputs";
  return `it reaches ${what} ${list}${more === 0 ? "" : ` and ${more} more`}`;
}

/** A snapshot may be withdrawn: nothing but another one reads it. */
function snapshotReads({ relations, rules }: Program): Diagnostic[] {
  const snapshot = (at: RelationAt) => relations[at]?.place?.snapshot === true;
  return rules.flatMap(({ head, body }) => {
    if (snapshot(head.relation)) return [];
    const found: Diagnostic[] = [];
    visitLiterals(body, (literal) => {
      if (literal.kind !== "atom" && literal.kind !== "negation") return;
      const { relation, span } = literal;
      if (!snapshot(relation)) return;
      const name = relations[head.relation]?.name ?? "";
      const read = relations[relation];
      const related = read === undefined ? [] : [{ span: read.span, text: "declared here" }];
      found.push({
        severity: "error",
        code: "snapshot-read",
        message: `relation "${name}" reads the snapshot "${read?.name ?? ""}"`,
        span,
        label: "what this says may be withdrawn",
        related: [...related, ...copyLabels(span)],
        hint: `declare "${name}" as a \`snapshot\`, too`,
        subject: name,
      });
    });
    return found;
  });
}
