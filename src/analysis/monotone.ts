// From Program to Monotonicity: a level for every relation, from the rules alone. The test is sound
// and not complete: what is M is monotone; what is not may be.
import { shortestPath } from "../base/graph.ts";
import type { Span } from "../base/source.ts";
import {
  type Level,
  levels,
  type Monotonicity,
  type PointOfOrder,
  type RelationLevel,
  type Step,
} from "./levels.ts";
import { distinct } from "./monotone-distinct.ts";
import { disjointness } from "./monotone-disjoint.ts";
import { inputColumns } from "./monotone-inputs.ts";
import { networkReads } from "./monotone-network.ts";
import { findPoints, type FoundPoint } from "./monotone-points.ts";
import { components, relationFacts, type RelationFacts } from "./monotone-relations.ts";
import { remedy } from "./monotone-remedies.ts";
import type { Program, RelationAt } from "./program.ts";
import { visitLiterals } from "./work-rule.ts";

/** Returns the verdict on `program`. */
export function monotonicity(program: Program): Monotonicity {
  const facts = relationFacts(program);
  const { points: found, laws } = findPoints(program, facts);
  const network = networkReads(program, facts);
  const context = { program, facts, carries: inputColumns(program, facts) };
  const disjoint = disjointness(context);
  const ofRules = [...found, ...network.points].map((of): PointOfOrder => {
    const level = levelOf(
      of,
      () => distinct(of, context),
      () => disjoint(of),
    );
    const { hint: _, ...point } = of.point;
    const hint = remedy(of, context);
    return { ...point, level, ...(hint !== undefined && { hint }) };
  });
  const points = eachOnce(ofRules);
  const affecting = pointsBelow(points, facts);
  const relations = program.relations.map(({ lattices = [], place }, at): RelationLevel => {
    const own = affecting[at] ?? [];
    const [id, all] = [network.id[at] === true, network.all[at] === true];
    const level =
      place?.ordered !== undefined
        ? "ordered"
        : together(
            own.flatMap((of) => points[of] ?? []),
            id && all,
          );
    const grows = lattices.length > 0 && facts.closed[at] !== true;
    const final = level === "M" && !grows && place?.snapshot !== true;
    return { level, final, networkDependent: id !== all, points: own };
  });
  const snapshots = [...program.relations.keys()].filter(
    (at) => program.relations[at]?.place?.snapshot === true,
  );
  return { relations, points, outputs: outputs(program, facts), snapshots, laws };
}

/** Returns the shortest way from the relation of a point up to `relation`, which it affects:
 * step by step, what reads what. There is no step where it is the relation itself. `through`
 * says which relations it may lead through. */
export function pathTo(
  program: Program,
  verdict: Monotonicity,
  pointAt: number,
  relation: RelationAt,
  through: (at: RelationAt) => boolean = () => true,
): Step[] {
  const from = verdict.points[pointAt]?.relation;
  if (from === undefined) return [];
  const readers = readersIn(program);
  const above = (at: RelationAt) => [...(readers[at]?.keys() ?? [])].filter(through);
  const path = shortestPath(from, relation, above) ?? [];
  return path.slice(1).flatMap((reader, at) => {
    const below = path[at];
    const span = below === undefined ? undefined : readers[below]?.get(reader);
    return below === undefined || span === undefined
      ? []
      : [{ relation: reader, from: below, span }];
  });
}

/** The relations that a point affects, itself the first, the nearer before the farther; `through`
 * says which relations what it does may pass through. */
export function affectedBy(
  program: Program,
  { relation }: Pick<PointOfOrder, "relation">,
  through: (at: RelationAt) => boolean,
): RelationAt[] {
  if (!through(relation)) return [];
  const readers = readersIn(program);
  const found = new Set([relation]);
  for (const at of found)
    for (const reader of readers[at]?.keys() ?? []) if (through(reader)) found.add(reader);
  return [...found];
}

/** Whether a relation of level `level` passes where `accepted` does. */
export function within(level: Level, accepted: Level): boolean {
  return levels.indexOf(level) <= levels.indexOf(accepted);
}

const readersOf = new WeakMap<Program, readonly ReadonlyMap<RelationAt, Span>[]>();

/** For each relation, those that read it, with the first place where they do. */
function readersIn(program: Program): readonly ReadonlyMap<RelationAt, Span>[] {
  const known = readersOf.get(program);
  if (known !== undefined) return known;
  const readers = program.relations.map(() => new Map<RelationAt, Span>());
  for (const { head, body } of program.rules)
    visitLiterals(body, (literal) => {
      if (literal.kind !== "atom" && literal.kind !== "negation") return;
      const of = readers[literal.relation];
      if (of?.has(head.relation) === false) of.set(head.relation, literal.span);
    });
  readersOf.set(program, readers);
  return readers;
}

function levelOf(
  { point }: FoundPoint,
  isDistinct: () => boolean,
  isDisjoint: () => boolean,
): Level {
  if (point.kind === "coordination") return "coordinating";
  if (isDistinct()) return "F1";
  return isDisjoint() ? "F2" : "ordered";
}

/** The points with those that say the same of one place as one, of the worst of their levels: a
 * place stands in several rules where it is beside alternatives, or in a relation that is inlined.
 *
 *     out(x) :- (a(x); x = 3), !b(x).
 *
 * `b` may get the 3, though the first of the rules alone were F1. */
function eachOnce(ofRules: readonly PointOfOrder[]): PointOfOrder[] {
  const points = new Map<string, PointOfOrder>();
  for (const point of ofRules) {
    const { kind, relation, reads, span, message } = point;
    const place = `${span.source.path} ${span.start} ${span.end}`;
    const key = `${kind} ${relation} ${reads ?? ""} ${place} ${message}`;
    const known = points.get(key);
    if (known === undefined || !within(point.level, known.level)) points.set(key, point);
  }
  return [...points.values()];
}

/** The level of what depends on all of `points`. A program that coordinates may negate and
 * aggregate what it has waited for (Lemma 5). */
function together(points: readonly PointOfOrder[], coordinates: boolean): Level {
  const waits = new Set(["coordination", "negation", "aggregate"]);
  if (coordinates && points.every(({ kind }) => waits.has(kind))) return "coordinating";
  return points.reduce<Level>((worst, { level }) => (within(level, worst) ? worst : level), "M");
}

/** For each relation, the points of it and of all that it reads, in ascending order. */
function pointsBelow(points: readonly PointOfOrder[], facts: RelationFacts): number[][] {
  const own: number[][] = facts.reads.map(() => []);
  for (const [at, { relation }] of points.entries()) own[relation]?.push(at);
  const found: number[][] = facts.reads.map(() => []);
  for (const component of components(facts)) {
    const all = new Set<number>();
    for (const at of component) {
      for (const of of own[at] ?? []) all.add(of);
      for (const read of facts.reads[at] ?? []) for (const of of found[read] ?? []) all.add(of);
    }
    const sorted = [...all].toSorted((a, b) => a - b);
    for (const at of component) found[at] = sorted;
  }
  return found;
}

function outputs({ relations, directives }: Program, facts: RelationFacts): RelationAt[] {
  const said = directives.flatMap(({ word, relation }) => (word === "input" ? [] : [relation]));
  if (said.length > 0) return [...new Set(said)];
  const read = new Set<RelationAt>();
  for (const component of components(facts)) {
    const within = new Set(component);
    for (const at of component)
      for (const of of facts.reads[at] ?? []) if (!within.has(of)) read.add(of);
  }
  return [...relations.keys()].filter((at) => {
    const { inlined, place } = relations[at] ?? {};
    const given = inlined === true || (place?.system ?? place?.seals) !== undefined;
    return !given && !read.has(at);
  });
}
