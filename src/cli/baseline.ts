// The baseline: findings that were there when a project began to be checked, and are let pass.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, relative, resolve, sep } from "node:path";
import type { Diagnostic } from "../base/diagnostic.ts";
import type { Span } from "../base/source.ts";
import { CommandError, exitCodes } from "./exit.ts";
import { hashIn } from "./fingerprint.ts";
import { locatedJson, type LocatedValue } from "./located-json.ts";

/** One entry: so many findings that are equal but for their places. `path` is where they were, from
 * the folder of the baseline; they may move. */
export type BaselineEntry = {
  readonly code: Diagnostic["code"];
  readonly subject?: string;
  readonly path: string;
  readonly fingerprint: string;
  readonly count: number;
  readonly reason?: string;
};

/** A baseline as it was read; `spans` has the place of each entry. */
export type Baseline = {
  readonly path: string;
  readonly entries: readonly BaselineEntry[];
  readonly spans: readonly Span[];
};

/** A finding that a baseline can let pass. */
export type Baselined = {
  readonly path: string;
  readonly diagnostic: Diagnostic;
  readonly fingerprint: string;
};

/** The version of the format. */
const version = 1;

/** Returns the baseline in a file; without entries where there is none and `optional` says that
 * there need not be one. */
export function readBaseline(path: string, optional: boolean): Baseline {
  if (!existsSync(path)) {
    if (optional) return { path, entries: [], spans: [] };
    const message = `there is no baseline "${path}"`;
    throw new CommandError(exitCodes.usage, message, "--update-baseline writes it");
  }
  const text = textOf(path);
  const root = locatedJson({ path, text });
  const stated = memberOf(root, "version");
  const newer = stated?.kind === "number" && stated.value > version;
  if (newer) {
    const message = `baseline "${path}" has version ${String(stated.value)}`;
    const hint = `this command reads version ${String(version)}; a newer one wrote the file`;
    throw new CommandError(exitCodes.usage, message, hint);
  }
  const list = memberOf(root, "findings");
  if (stated?.kind !== "number" || stated.value !== version || list?.kind !== "array")
    throw malformed(path);
  return {
    path,
    entries: list.items.map((item) => entryOf(item, path)),
    spans: list.items.map(({ span }) => span),
  };
}

/** Returns for each finding whether the baseline lets it pass, and why; and warns of entries of
 * which less was found than they say, where `checked` says that their file was looked at. */
export function baselined(
  { path, entries, spans }: Baseline,
  findings: readonly Baselined[],
  checked: (path: string) => boolean,
): {
  readonly passed: readonly (Pick<BaselineEntry, "reason"> | undefined)[];
  readonly stale: readonly Diagnostic[];
} {
  const left = entries.map(({ count }) => count);
  // A finding where it was comes first: what moved takes what is left.
  const take = (finding: Baselined, anywhere: boolean): BaselineEntry | undefined => {
    const at = entries.findIndex(
      (entry, index) =>
        (left[index] ?? 0) > 0 &&
        entry.fingerprint === hashIn(finding.fingerprint) &&
        entry.code === finding.diagnostic.code &&
        (anywhere || entry.path === pathFrom(path, finding.path)),
    );
    if (at >= 0) left[at] = (left[at] ?? 0) - 1;
    return entries[at];
  };
  const here = findings.map((finding) => take(finding, false));
  const passed = findings.map((finding, at) => here[at] ?? take(finding, true));
  const stale = entries.flatMap((entry, at): Diagnostic[] => {
    const span = spans[at];
    const more = left[at] ?? 0;
    if (more === 0 || span === undefined) return [];
    if (!checked(resolve(dirname(path), entry.path))) return [];
    const of = entry.subject === undefined ? "" : ` of "${entry.subject}"`;
    const message =
      more === entry.count
        ? `the finding ${entry.code}${of} is gone from ${entry.path}`
        : `${String(more)} of ${String(entry.count)} findings ${entry.code}${of} are gone ` +
          `from ${entry.path}`;
    const hint = "--update-baseline takes it out of the baseline";
    return [{ severity: "warning", code: "stale-baseline", message, span, hint }];
  });
  return { passed, stale };
}

/** Writes the baseline that lets `findings` pass. Reasons that it gave are kept, and so are entries
 * of files that `checked` says were not looked at. */
export function writeBaseline(
  before: Baseline,
  findings: readonly Baselined[],
  checked: (path: string) => boolean,
): void {
  const kept = before.entries.filter(({ path }) => !checked(resolve(dirname(before.path), path)));
  const entries = new Map(kept.map((entry) => [`${entry.path}\n${entry.fingerprint}`, entry]));
  for (const { path: file, diagnostic, fingerprint: named } of findings) {
    const { code, subject } = diagnostic;
    const path = pathFrom(before.path, file);
    const fingerprint = hashIn(named);
    const key = `${path}\n${fingerprint}`;
    const reason = before.entries.find((entry) => entry.fingerprint === fingerprint)?.reason;
    entries.set(key, {
      code,
      ...(subject !== undefined && { subject }),
      path,
      fingerprint,
      count: (entries.get(key)?.count ?? 0) + 1,
      ...(reason !== undefined && { reason }),
    });
  }
  const sorted = [...entries].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry);
  const text = JSON.stringify({ version, findings: sorted }, null, 2);
  try {
    writeFileSync(before.path, `${text}\n`);
  } catch (error) {
    const { code = String(error) } = error as NodeJS.ErrnoException;
    throw new CommandError(exitCodes.usage, `cannot write baseline "${before.path}": ${code}`);
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code = String(error) } = error as NodeJS.ErrnoException;
    throw new CommandError(exitCodes.usage, `cannot read baseline "${path}": ${code}`);
  }
}

function pathFrom(baseline: string, file: string): string {
  return relative(dirname(resolve(baseline)), resolve(file))
    .split(sep)
    .join("/");
}

function memberOf(value: LocatedValue, key: string): LocatedValue | undefined {
  if (value.kind !== "object") return undefined;
  return value.members.find((member) => member.key === key)?.value;
}

function entryOf(value: LocatedValue, path: string): BaselineEntry {
  const text = (key: string): string | undefined => {
    const member = memberOf(value, key);
    return member?.kind === "string" ? member.value : undefined;
  };
  const count = memberOf(value, "count");
  const [code, file, fingerprint] = [text("code"), text("path"), text("fingerprint")];
  if (code === undefined || file === undefined || fingerprint === undefined) throw malformed(path);
  const [subject, reason] = [text("subject"), text("reason")];
  return {
    code,
    ...(subject !== undefined && { subject }),
    path: file,
    fingerprint,
    count: count?.kind === "number" ? count.value : 1,
    ...(reason !== undefined && { reason }),
  };
}

function malformed(path: string): CommandError {
  const hint = "remove it, and --update-baseline writes it anew";
  return new CommandError(exitCodes.usage, `"${path}" is not a baseline`, hint);
}
