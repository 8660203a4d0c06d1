import { renameSync, rmSync, writeFileSync } from "node:fs";
import { positionAt } from "../base/source.ts";
import type { Database } from "../engine/database.ts";
import type { Evaluation } from "../engine/statistics.ts";
import type { Plan } from "../plan/plan.ts";
import { CommandError, exitCodes } from "./exit.ts";
import type { Times } from "./statistics.ts";

/** Returns what `--profile` writes: times in milliseconds, sizes in bytes, everything that
 * `--stats` prints and the places of rules. */
export function profileOf(
  file: string,
  plan: Plan,
  database: Database,
  { complete, strata, rules }: Evaluation,
  { startMs, readMs, evaluatedMs, endMs }: Times,
): object {
  return {
    program: file,
    complete,
    ms: { read: readMs - startMs, evaluate: evaluatedMs - readMs, write: endMs - evaluatedMs },
    bytes: database.memoryBytes,
    relations: database.relations.map(({ schema, size, memoryBytes }) => ({
      name: schema.name,
      tuples: size,
      bytes: memoryBytes,
    })),
    strata: strata.map(({ relations, rounds, derived, ms }) => ({
      relations: relations.map((at) => plan.relations[at]?.name),
      ...{ rounds, derived, ms },
    })),
    rules: rules.map(({ rule, runs, derived, ms }) => ({
      rule: rule.text,
      path: rule.span.source.path,
      ...positionAt(rule.span.source, rule.span.start),
      deltaAt: rule.deltaAt,
      ...{ runs, derived, ms },
    })),
  };
}

/** Writes a profile as JSON, aside and renamed when it is complete. */
export function writeProfile(path: string, profile: object): void {
  const aside = `${path}.part`;
  try {
    writeFileSync(aside, `${JSON.stringify(profile, null, 2)}\n`);
    renameSync(aside, path);
  } catch (error) {
    rmSync(aside, { force: true });
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new CommandError(exitCodes.problem, `cannot write the profile: ${message}`);
  }
}
