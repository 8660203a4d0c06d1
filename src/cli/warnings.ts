import type { Diagnostic } from "../base/diagnostic.ts";
import { suggest } from "../base/suggest.ts";
import { CommandError, exitCodes } from "./exit.ts";

/** The names of warnings that can be switched: the codes of ours, and Soufflé's. Where both warn of
 * the same they have one name. */
export const warningNames = [
  ...[
    "change-without-effect",
    "deprecated-qualifier",
    "deprecated-type-decl",
    "dollar-sign",
    "law-not-tested",
  ],
  ...["needless-contract", "no-rules-nor-facts", "no-subsumptive-rule", "plan-without-effect"],
  ...["stale-baseline", "unknown-code", "unknown-pragma", "unknown-relation"],
  ...["unused-functor", "unused-suppression", "useless-annotation", "useless-doc-comment"],
  ...["useless-input", "useless-override", "useless-parameter", "useless-pragma"],
  ...["user-warning", "var-appears-once"],
];

const deprecations = ["deprecated-qualifier", "deprecated-type-decl", "dollar-sign"];

/** How warnings are switched. */
export type WarningOptions = {
  /** False: none but those that `warning` names. */
  readonly warn: boolean;
  /** Names that are on, `all`, or with `no-` in front that are off; commas are between several. */
  readonly warning?: readonly string[];
  /** Names that are off. */
  readonly wno?: readonly string[];
  /** Whether old forms are fine. */
  readonly legacy?: boolean;
};

/** Returns the diagnostics without the warnings that are off. What is said of one name counts more
 * than what is said of all; of one name `wno` counts. */
export function withoutSilenced(
  diagnostics: readonly Diagnostic[],
  options: WarningOptions,
): readonly Diagnostic[] {
  const { warn, warning = [], wno = [], legacy = false } = options;
  const words = warning.flatMap(listed);
  const on = new Set(
    words.filter((word) => !word.startsWith("no-") || warningNames.includes(word)),
  );
  const off = new Set([
    ...wno.flatMap(listed),
    ...words.filter((word) => !on.has(word)).map((word) => word.slice("no-".length)),
    ...(legacy ? deprecations : []),
  ]);
  for (const name of [...on, ...off]) checkName(name);
  const rest = (warn || on.has("all")) && !off.has("all");
  return diagnostics.filter(({ severity, code }) => {
    if (severity === "error") return true;
    return !off.has(code) && (on.has(code) || rest);
  });
}

function listed(text: string): string[] {
  return text
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
}

function checkName(name: string): void {
  const known = [...warningNames, "all"];
  if (known.includes(name)) return;
  const near = suggest(name, known);
  const hint = near === undefined ? `known are ${known.join(", ")}` : `is ${near} meant?`;
  throw new CommandError(exitCodes.usage, `there is no warning "${name}"`, hint);
}
