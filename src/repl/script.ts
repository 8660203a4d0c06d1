import { completed } from "./entry.ts";
import type { Outcome, Shell } from "./shell.ts";

/** What came of a script: the worst of its entries. */
export type ScriptOutcome = Exclude<Outcome, "exit">;

/** Does what a text says, entry by entry; without `keepGoing` no more after one that failed. What is
 * incomplete at its end is done as it is. */
export async function runScript(
  shell: Shell,
  text: string,
  keepGoing: boolean,
): Promise<{ readonly outcome: ScriptOutcome; readonly exited: boolean }> {
  let worst: ScriptOutcome = "ok";
  let pending = "";
  const lines = text.split(/\r?\n/);
  let first = 1;
  for (const [at, line] of lines.entries()) {
    pending += pending === "" ? line : `\n${line}`;
    if (!completed(pending) && at + 1 < lines.length) continue;
    const outcome = pending.trim() === "" ? "ok" : await shell.execute(pending, first);
    if (outcome === "exit") return { outcome: worst, exited: true };
    if (outcome !== "ok") {
      worst = worst === "limit" ? worst : outcome;
      if (!keepGoing) return { outcome: worst, exited: false };
    }
    pending = "";
    first = at + 2;
  }
  return { outcome: worst, exited: false };
}
