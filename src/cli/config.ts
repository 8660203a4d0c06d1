// calm.config.json: what a project wants of `calm check`.
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Severity } from "../base/diagnostic.ts";
import { positionAt, type Span } from "../base/source.ts";
import { suggest } from "../base/suggest.ts";
import { CommandError, exitCodes } from "./exit.ts";
import { locatedJson, type LocatedValue } from "./located-json.ts";

/** What can be set for a code. */
export const ruleLevels = ["off", "note", "warning", "error"] as const;

/** What the findings of one code are: nothing, or of a severity. */
export type RuleLevel = (typeof ruleLevels)[number];

/** The worst level that can be let pass, from the best. */
export const acceptedLevels = ["M", "F1", "F2", "ordered"] as const;

/** One of `acceptedLevels`. */
export type AcceptedLevel = (typeof acceptedLevels)[number];

/** The severities that can fail a check. */
export const failLevels = ["error", "warning", "note"] as const satisfies readonly Severity[];

/** What a configuration says; what it does not say is absent. */
export type Config = {
  /** The file it is from. */
  readonly path?: string;
  /** What paths and patterns in it are relative to. */
  readonly folder: string;
  /** What is checked where the command line names nothing. */
  readonly files?: readonly string[];
  readonly ignore: readonly string[];
  readonly rules: Readonly<Record<string, RuleLevel>>;
  /** For each code the files in which its findings are left out. */
  readonly ignoreOnly: Readonly<Record<string, readonly string[]>>;
  readonly baseline?: string;
  readonly failLevel?: Severity;
  readonly level?: AcceptedLevel;
};

/** The name under which a configuration is found. */
const configName = "calm.config.json";

/** Returns the configuration in `file`, or the one nearest to `from` upward (none if `file` is
 * false). What is wrong with it is a usage error that says all of it. */
export function configOf(
  file: string | false | undefined,
  from: string,
  codes: readonly string[],
): Config {
  const path = file === undefined ? nearest(resolve(from)) : file;
  if (path === false || path === undefined)
    return { folder: process.cwd(), ignore: [], rules: {}, ignoreOnly: {} };
  return { ...readConfig(path, textOf(path), codes), path, folder: dirname(resolve(path)) };
}

function nearest(folder: string): string | undefined {
  const path = join(folder, configName);
  if (existsSync(path)) return path;
  const parent = dirname(folder);
  return parent === folder ? undefined : nearest(parent);
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code = String(error) } = error as NodeJS.ErrnoException;
    const reason = code === "ENOENT" ? "there is no such file" : code;
    throw new CommandError(exitCodes.usage, `cannot read configuration "${path}": ${reason}`);
  }
}

type Settings = Omit<Config, "path" | "folder">;
type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Returns what the text of a configuration says. */
function readConfig(path: string, text: string, codes: readonly string[]): Settings {
  const wrong: string[] = [];
  const say = (span: Span, message: string, hint?: string): void => {
    const { line, column } = positionAt(span.source, span.start);
    const remark = hint === undefined ? "" : ` (${hint})`;
    wrong.push(`${path}:${String(line)}:${String(column)}: ${message}${remark}`);
  };
  const oneOf = <T extends string>(value: LocatedValue, all: readonly T[]): T | undefined => {
    const found = value.kind === "string" ? all.find((one) => one === value.value) : undefined;
    if (found === undefined) {
      const near = value.kind === "string" ? suggest(value.value, all) : undefined;
      const hint = near === undefined ? undefined : `did you mean "${near}"?`;
      say(value.span, `expected one of ${all.map((one) => `"${one}"`).join(", ")}`, hint);
    }
    return found;
  };
  const text1 = (value: LocatedValue): string | undefined => {
    if (value.kind === "string") return value.value;
    say(value.span, "expected a string");
    return undefined;
  };
  const texts = (value: LocatedValue): string[] => {
    if (value.kind === "array")
      return value.items.map(text1).filter((one): one is string => one !== undefined);
    say(value.span, "expected an array of strings", '["…"]');
    return [];
  };
  /** An object whose keys are codes. */
  const byCode = <T>(value: LocatedValue, of: (value: LocatedValue) => T): Record<string, T> => {
    if (value.kind !== "object") {
      say(value.span, "expected an object whose keys are codes");
      return {};
    }
    for (const { key, span } of value.members) {
      if (codes.includes(key)) continue;
      const near = suggest(key, codes);
      say(span, `there is no code "${key}"`, near && `did you mean "${near}"?`);
    }
    return Object.fromEntries(value.members.map(({ key, value: set }) => [key, of(set)]));
  };

  const settings: Mutable<Settings> = { ignore: [], rules: {}, ignoreOnly: {} };
  const keys: Record<string, (value: LocatedValue) => void> = {
    $schema: text1,
    files: (value) => (settings.files = texts(value)),
    ignore: (value) => (settings.ignore = texts(value)),
    rules: (value) => {
      settings.rules = byCode(value, (set) => oneOf(set, ruleLevels) ?? "off");
    },
    ignoreOnly: (value) => (settings.ignoreOnly = byCode(value, texts)),
    baseline: (value) => {
      const file = text1(value);
      if (file !== undefined) settings.baseline = file;
    },
    failLevel: (value) => {
      const level = oneOf(value, failLevels);
      if (level !== undefined) settings.failLevel = level;
    },
    level: (value) => {
      const level = oneOf(value, acceptedLevels);
      if (level !== undefined) settings.level = level;
    },
  };
  const root = locatedJson({ path, text });
  if (root.kind !== "object") say(root.span, "expected an object");
  else
    for (const { key, value, span } of root.members) {
      const read = Object.hasOwn(keys, key) ? keys[key] : undefined;
      if (read !== undefined) read(value);
      else {
        const near = suggest(key, Object.keys(keys));
        const known = `known are ${Object.keys(keys).join(", ")}`;
        say(span, `there is no setting "${key}"`, near ? `did you mean "${near}"?` : known);
      }
    }
  if (wrong.length > 0) throw new CommandError(exitCodes.usage, wrong.join("\n"));
  return settings;
}
