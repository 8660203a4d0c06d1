import type { RelationReport } from "../check-report.ts";

/** What each level means, in a few words. */
const levelMeanings = {
  M: "monotone: coordination-free",
  F1: "coordination-free once its inputs are partitioned and sealed",
  F2: "coordination-free once its inputs are placed by value and sealed",
  coordinating: "coordinates by itself",
  ordered: "not proved to be coordination-free",
} as const satisfies Record<RelationReport["level"], string>;

/** Returns a line for each relation: its name, its level and what that means. */
export function levelTable(relations: readonly RelationReport[]): string {
  const wide = (texts: readonly string[]): number => Math.max(...texts.map(({ length }) => length));
  const names = wide(relations.map(({ name }) => name));
  const levels = wide(relations.map(({ level }) => level));
  return relations
    .map((relation) => {
      const { name, level } = relation;
      return `  ${name.padEnd(names)}  ${level.padEnd(levels)}  ${remarksOn(relation)}\n`;
    })
    .join("");
}

/** What a level means, and what else is to be known of a relation. */
export function remarksOn(relation: RelationReport): string {
  const { level, final, networkDependent, points, snapshot } = relation;
  const kinds = [...new Set(points.map(({ kind }) => kind))];
  return [
    kinds.length === 0 ? levelMeanings[level] : `${levelMeanings[level]} (${kinds.join(", ")})`,
    ...(snapshot ? ["a snapshot"] : []),
    ...(level === "M" && !final && !snapshot ? ["rows grow"] : []),
    ...(networkDependent ? ["depends on the network"] : []),
  ].join("; ");
}
