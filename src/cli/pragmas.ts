// Options that a program sets: `.pragma "key" "value"`, and -P on the command line.
import type { Diagnostic } from "../base/diagnostic.ts";
import type { Program } from "../analysis/program.ts";
import { CommandError, exitCodes } from "./exit.ts";

/** Options that pragmas set too. What the command line gives stands in `given`, and stays. */
export type PragmaOptions = {
  readonly given: ReadonlySet<string>;
};

/** For each pragma the option that it sets, and the value that a text is. */
const settings: Readonly<Record<string, readonly [name: string, of: (text: string) => unknown]>> = {
  "fact-dir": ["factDir", whole],
  "output-dir": ["outputDir", whole],
  jobs: ["jobs", whole],
  profile: ["profile", whole],
  verbose: ["stats", always],
  legacy: ["legacy", always],
  "no-warn": ["warn", () => false],
  warn: ["warning", whole],
  wno: ["wno", whole],
  "magic-transform": ["magicTransform", whole],
  "magic-transform-exclude": ["magicTransformExclude", whole],
  "inline-exclude": ["inlineExclude", whole],
};

const listed = ["warning", "wno"];

/** Returns `options` with what `-P KEY:VALUE` sets, which then counts as given. */
export function withPragmaFlags<T extends PragmaOptions & { readonly pragma?: readonly string[] }>(
  options: T,
): T {
  const pairs = (options.pragma ?? []).map((text) => {
    const [, key = "", value = ""] = /^([^:]*):?(.*)$/s.exec(text) ?? [];
    if (settings[key] === undefined) {
      const hint = `known are ${Object.keys(settings).join(", ")}`;
      throw new CommandError(exitCodes.usage, `pragma "${key}" sets no option`, hint);
    }
    return { key, value };
  });
  const set = setBy(options, pairs);
  return { ...options, ...set, given: new Set([...options.given, ...Object.keys(set)]) };
}

/** Returns `options` with what the pragmas of a program set, the last of each. */
export function withPragmas<T extends PragmaOptions>(
  options: T,
  pragmas: Program["pragmas"],
): T & Record<string, unknown> {
  return { ...options, ...setBy(options, pragmas) };
}

/** Warns of pragmas that nothing comes of: those that say how Soufflé works and not what it
 * answers, and those that are set again later. */
export function uselessPragmas(pragmas: Program["pragmas"]): Diagnostic[] {
  return pragmas.flatMap(({ key, value, span }, at) => {
    const again = pragmas.slice(at + 1).find((later) => later.key === key);
    if (settings[key] === undefined) {
      const message = `pragma "${key}" has no effect here`;
      const why = key === "provenance" ? { hint: "`calm explain` shows how it is run" } : {};
      return value === "none" ? [] : [{ ...useless, message, span, ...why }];
    }
    if (again === undefined || key === "warn" || key === "wno") return [];
    const related = [{ span: again.span, text: "the one that counts" }];
    return [{ ...useless, message: `pragma "${key}" is set again later`, span, related }];
  });
}

const useless = { severity: "warning", code: "useless-pragma" } as const;

function setBy(
  { given }: PragmaOptions,
  pragmas: readonly { readonly key: string; readonly value: string }[],
): Record<string, unknown> {
  const set: Record<string, unknown> = {};
  for (const { key, value } of pragmas) {
    const [name, of] = settings[key] ?? [];
    if (name === undefined || of === undefined || given.has(name)) continue;
    const before = set[name];
    // Names of warnings add up.
    set[name] = listed.includes(name)
      ? [...((before as string[] | undefined) ?? []), value]
      : of(value);
  }
  return set;
}

function whole(text: string): string {
  return text;
}

function always(): boolean {
  return true;
}
