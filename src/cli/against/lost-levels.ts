// Relations that need more coordination than before, each with the place that does it.
import type { Level, PointOfOrder, RelationLevel } from "../../analysis/levels.ts";
import { affectedBy, pathTo, within } from "../../analysis/monotone.ts";
import type { RelationAt, Rule } from "../../analysis/program.ts";
import { assert } from "../../base/assert.ts";
import { copyLabels, type Diagnostic, type Label } from "../../base/diagnostic.ts";
import { textOf, type Span } from "../../base/source.ts";
import type { Code } from "../codes.ts";
import type { Versions } from "./versions.ts";

/** How many relations a finding names, and how much of a rule. */
const namesShownMax = 3;
const ruleShownMax = 160;

const code: Code = "level-lost";

/** A relation that was better. */
type Loss = { readonly relation: RelationAt; readonly was: Level; readonly is: Level };

/** A place that makes relations worse; what stands there is part of a rule, or a declaration. */
type Blame = {
  readonly span: Span;
  /** The relation that is worse first. */
  readonly relation: RelationAt;
  /** What keeps it from being better: undefined where its declaration alone does. */
  readonly point?: PointOfOrder;
  /** The way from the point to the relations, to the first of them. */
  readonly flow: readonly Label[];
  readonly losses: Loss[];
};

/** Returns a finding for each place that makes relations worse than they were. What the text itself
 * lets be so, by a contract or a snapshot, is a warning. */
export function lostLevels(versions: Versions): Diagnostic[] {
  return [...blames(versions).map((blame) => lossOf(blame, versions)), ...otherLosses(versions)];
}

/** The levels of the earlier version, by the names of relations. */
function levelsBefore({ before }: Versions): ReadonlyMap<string, RelationLevel> {
  const { program, verdict } = before;
  return new Map(
    program.relations.flatMap(({ name }, at) => {
      const level = verdict.relations[at];
      return level === undefined ? [] : [[name, level] as const];
    }),
  );
}

function blames(versions: Versions): Blame[] {
  const { program, verdict } = versions.now;
  const earlier = levelsBefore(versions);
  const was = (at: RelationAt) => earlier.get(program.relations[at]?.name ?? "")?.level;
  const found = new Map<string, Blame>();
  const put = (blame: Omit<Blame, "losses">, loss: Loss): void => {
    const { source, start } = blame.span;
    const key = `${source.path}:${start}`;
    const known = found.get(key) ?? { ...blame, losses: [] };
    if (!known.losses.some(({ relation }) => relation === loss.relation)) known.losses.push(loss);
    found.set(key, known);
  };
  for (const [relation, { name, span }] of program.relations.entries()) {
    const known = verdict.relations[relation];
    const before = earlier.get(name)?.level;
    if (known === undefined || before === undefined || within(known.level, before)) continue;
    const loss = { relation, was: before, is: known.level };
    const causes = known.points.filter((at) => isCause(verdict.points[at], loss));
    for (const at of causes) put(blameOf(at, loss, versions, was), loss);
    if (causes.length === 0) put({ span, relation, flow: [] }, loss);
  }
  return [...found.values()];
}

/** Whether a point is a reason of a loss. What coordinates may negate what it has waited for. */
function isCause(point: PointOfOrder | undefined, { was, is }: Loss): boolean {
  if (point === undefined || within(point.level, was)) return false;
  return is !== "coordinating" || point.kind === "coordination";
}

/** Where the way from a point to a relation that is worse leads for the first time through one that
 * is worse, or new. What is below was so before: that it is read makes the difference. */
function blameOf(
  pointAt: number,
  { relation }: Loss,
  { now: { program, verdict } }: Versions,
  was: (at: RelationAt) => Level | undefined,
): Omit<Blame, "losses"> {
  const name = (at: RelationAt) => program.relations[at]?.name ?? "";
  const point = verdict.points[pointAt];
  assert(point !== undefined, "a relation names points that there are");
  const steps = pathTo(program, verdict, pointAt, relation);
  const flow = [
    { span: point.span, text: point.message },
    ...steps.map((step) => ({
      span: step.span,
      text: `"${name(step.relation)}" reads "${name(step.from)}" here`,
    })),
  ];
  const worse = (at: RelationAt): boolean => {
    const level = was(at);
    return level === undefined || !within(point.level, level);
  };
  const reads = worse(point.relation) ? undefined : steps.find((step) => worse(step.relation));
  return { span: point.span, relation: point.relation, ...reads, point, flow };
}

function lossOf(
  { span, relation, point, flow, losses }: Blame,
  { now: { program, verdict }, named }: Versions,
): Diagnostic {
  const near = affectedBy(program, { relation }, () => true);
  const inOrder = losses.toSorted((a, b) => near.indexOf(a.relation) - near.indexOf(b.relation));
  const outputs = inOrder.filter((loss) => verdict.outputs.includes(loss.relation));
  const shown = outputs.length > 0 ? outputs : inOrder;
  const said = letBe(program, point);
  const excused = shown.every((loss) => said(loss));
  const counted = excused ? shown : shown.filter((loss) => !said(loss));
  const worst = counted.reduce((soFar, of) => (within(of.is, soFar.is) ? soFar : of));
  const names = counted.map((of) => program.relations[of.relation]?.name ?? "");
  const rule = ruleAt(program.rules, relation, span);
  const steps = flow.slice(1).filter((label) => label.span !== span);
  const atPoint = point?.span === span;
  return {
    severity: excused ? "warning" : "error",
    code,
    message: `your change made ${quoted(names)} ${needs[worst.is]}: ${changeOf(counted, worst)}`,
    span,
    label: `this is what makes the difference to ${named}`,
    related: [
      ...(point === undefined || atPoint ? [] : [{ span: point.span, text: point.message }]),
      ...steps.slice(-namesShownMax),
      ...copyLabels(span),
    ],
    notes: [
      ...(rule === undefined
        ? []
        : [`by the rule of "${program.relations[relation]?.name ?? ""}": ${shortened(rule)}`]),
      ...(point === undefined || !atPoint ? [] : [point.message]),
      ...(excused ? ["a contract or a snapshot in the program says that it may be so"] : []),
    ],
    ...(point?.hint !== undefined && { hint: point.hint }),
    flow,
    subject: names[0] ?? "",
  };
}

function changeOf(losses: readonly Loss[], { was, is }: Loss): string {
  if (losses.length === 1) return `it was ${was} and is now ${is}`;
  const alike = losses.every((loss) => loss.was === was && loss.is === is);
  return alike ? `they were ${was} and are now ${is}` : `the worst was ${was} and is now ${is}`;
}

/** What having a level takes. */
const needs: Readonly<Record<Level, string>> = {
  M: "monotone",
  F1: "need coordination, unless its input is sealed",
  F2: "need coordination, unless its input is sealed",
  coordinating: "coordinate",
  ordered: "need coordination",
};

/** Returns whether the text says of a relation that it may be so: by `.calm ordered` for it or for
 * what it reads, by `.calm coordinating`, or by being a snapshot. */
function letBe(
  program: Versions["now"]["program"],
  point: PointOfOrder | undefined,
): (loss: Loss) => boolean {
  const { contracts, relations } = program;
  const coordinates = contracts.some(({ claim }) => claim === "coordinating");
  const ordered = new Set(contracts.flatMap((of) => (of.claim === "ordered" ? [of.relation] : [])));
  const passes = (at: RelationAt): boolean =>
    !ordered.has(at) && relations[at]?.place?.snapshot !== true;
  const reached = point && new Set(affectedBy(program, point, passes));
  return ({ relation, is }) =>
    (coordinates && is === "coordinating") ||
    !passes(relation) ||
    (reached !== undefined && !reached.has(relation));
}

function ruleAt(rules: readonly Rule[], relation: RelationAt, span: Span): Rule | undefined {
  return rules.find(
    ({ head, span: of }) =>
      head.relation === relation &&
      of.source === span.source &&
      of.start <= span.start &&
      span.start < of.end,
  );
}

function shortened({ span }: Rule): string {
  const text = textOf(span).replace(/\s+/g, " ");
  return text.length <= ruleShownMax ? text : `${text.slice(0, ruleShownMax)}…`;
}

function quoted(names: readonly string[]): string {
  const shown = names.slice(0, namesShownMax).map((name) => `"${name}"`);
  const more = names.length - shown.length;
  const last = more > 0 ? `${more} more` : shown.pop();
  return shown.length === 0 ? (last ?? "") : `${shown.join(", ")} and ${last ?? ""}`;
}

/** Outputs of the same level whose answers promise less: they became snapshots, or depend on the
 * nodes that there are. */
function otherLosses(versions: Versions): Diagnostic[] {
  const { now, before, named } = versions;
  const earlier = levelsBefore(versions);
  const snapshotsBefore = new Set(
    before.verdict.snapshots.map((at) => before.program.relations[at]?.name),
  );
  return now.verdict.outputs.flatMap((at): Diagnostic[] => {
    const relation = now.program.relations[at];
    const known = now.verdict.relations[at];
    const was = earlier.get(relation?.name ?? "");
    if (relation === undefined || was === undefined || known?.level !== was.level) return [];
    const { name, span } = relation;
    const found = { code, span, label: `this was not so in ${named}`, subject: name } as const;
    const promised: Diagnostic[] = [];
    if (relation.place?.snapshot === true && !snapshotsBefore.has(name))
      promised.push({
        ...found,
        severity: "warning",
        message: `your change made "${name}" a snapshot: what it answers may be withdrawn`,
      });
    if (known.networkDependent && !was.networkDependent)
      promised.push({
        ...found,
        severity: "error",
        message: `your change made "${name}" depend on which nodes there are`,
        hint: "without `Id` and `All` below it, its answer is the same on any network",
      });
    return promised;
  });
}
