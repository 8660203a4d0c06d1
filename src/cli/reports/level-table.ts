import { levelMeanings } from "../../analysis/levels.ts";
import type { RelationReport } from "../check-report.ts";

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
