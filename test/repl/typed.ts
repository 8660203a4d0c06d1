import { commandOf } from "../../src/repl/commands.ts";
import { Shell } from "../../src/repl/shell.ts";
import { runScript } from "../../src/repl/script.ts";
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
  const world: World = {
    ...{ out: sink, err: sink, color: false, nowMs: () => 0 },
    ...{ options: {}, functors: {}, limits: { maxTuples: 10_000 } },
    readInputs: () => Promise.resolve(true),
    ...options,
  };
  return new Shell(world, commandOf);
}

/** Returns all that a session says to a text. Entries that fail stop nothing. */
export async function answers(text: string): Promise<string> {
  const written: string[] = [];
  await runScript(shellInto(written), text, true);
  return written.join("");
}
