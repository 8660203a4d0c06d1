import { completed, isCommandLine } from "./entry.ts";

/** Lines that are complete together, with the number of the first. */
export type ReadText = { readonly text: string; readonly line: number };

/** Takes lines until they are complete. A command between the lines of an entry is read by itself,
 * and the entry goes on behind it. */
export class Reader {
  /** The lines of an entry that goes on. */
  pending = "";
  private line = 0;
  private first = 1;

  /** Takes a line; returns what is complete with it, which it is in any case if it is `forced`. */
  take(line: string, forced = false): ReadText | undefined {
    this.line += 1;
    if (this.pending === "") this.first = this.line;
    else if (isCommandLine(line)) return { text: line, line: this.line };
    this.pending += this.pending === "" ? line : `\n${line}`;
    return forced || completed(this.pending) ? this.end() : undefined;
  }

  /** Returns what there is, complete or not. */
  end(): ReadText {
    const text = { text: this.pending, line: this.first };
    this.pending = "";
    return text;
  }
}
