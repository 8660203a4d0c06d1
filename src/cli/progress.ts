import type { Host } from "./host.ts";

/** What takes less is not worth a word. */
const quietMs = 2000;

/** One line at the bottom of a terminal that says what is being done. */
export type Progress = {
  /** Says what is done now, if it has been going on for a while. */
  say(text: string): void;
  /** Wipes the line. */
  done(): void;
};

/** Returns the progress line of a command that begins now; nothing is written where standard error
 * is no terminal. */
export function progressOn(host: Host): Progress {
  const startMs = host.nowMs();
  let shown = false;
  return {
    say(text) {
      if (!host.stderr.terminal || host.nowMs() - startMs < quietMs) return;
      const width = Math.max(1, Math.min(host.stderr.width, 200) - 1);
      host.stderr.write(`\r\x1b[K${text.slice(0, width)}`);
      shown = true;
    },
    done() {
      if (shown) host.stderr.write("\r\x1b[K");
      shown = false;
    },
  };
}
