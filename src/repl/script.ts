import { Reader } from "./reader.ts";
import type { Outcome } from "./outcome.ts";
import type { Shell } from "./shell.ts";

/** What came of a script: the worst of its entries. */
export type ScriptOutcome = Exclude<Outcome, "exit">;

/** Does what a text says, entry by entry; without `keepGoing` no more after one that failed. What
 * is incomplete at its end is done as it is. */
export async function runScript(
  shell: Shell,
  text: string,
  keepGoing: boolean,
): Promise<{ readonly outcome: ScriptOutcome; readonly exited: boolean }> {
  let worst: ScriptOutcome = "ok";
  const reader = new Reader();
  const lines = text.split(/\r?\n/);
  for (const [at, line] of lines.entries()) {
    const read = reader.take(line, at + 1 === lines.length);
    if (read === undefined || read.text.trim() === "") continue;
    const outcome = await shell.execute(read.text, read.line);
    if (outcome === "exit") return { outcome: worst, exited: true };
    if (outcome === "ok") continue;
    worst = worst === "limit" ? worst : outcome;
    if (!keepGoing) break;
  }
  return { outcome: worst, exited: false };
}
