import { Shell } from "../../src/repl/shell.ts";
import { runScript, type ScriptOutcome } from "../../src/repl/script.ts";
import type { World } from "../../src/repl/world.ts";

/** A shell that writes all it says into one text, and reads no files of facts. */
export function shellInto(written: string[], options: Partial<World> = {}): Shell {
  const decoder = new TextDecoder();
  const sink = {
    write: (chunk: Uint8Array | string) => {
      written.push(typeof chunk === "string" ? chunk : decoder.decode(chunk));
    },
    terminal: false,
    width: 100,
  };
  return new Shell({
    ...{ out: sink, err: sink, color: false, nowMs: () => 0 },
    ...{ options: {}, functors: {}, limits: { maxTuples: 10_000 } },
    readInputs: () => Promise.resolve(true),
    ...options,
  });
}

/** Returns all that a session says to a text. Entries that fail stop nothing. */
export async function answers(text: string): Promise<string> {
  const written: string[] = [];
  await runScript(shellInto(written), text, true);
  return written.join("");
}

/** Returns what a session says to a text, and what came of it. */
export async function run(
  text: string,
  keepGoing = false,
): Promise<{ readonly said: string; readonly outcome: ScriptOutcome }> {
  const written: string[] = [];
  const { outcome } = await runScript(shellInto(written), text, keepGoing);
  return { said: written.join(""), outcome };
}
