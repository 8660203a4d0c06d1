import { spawnSync } from "node:child_process";

const newline = 10;

/** Returns what shows a text of more than a screen with a command such as `less`, which the user
 * ends; returns whether it did. */
export function pager(command: string, rowsOfScreen: () => number) {
  return (text: Uint8Array): boolean => {
    let rows = 0;
    for (const byte of text) if (byte === newline) rows++;
    if (rows < rowsOfScreen()) return false;
    const stdio = ["pipe", "inherit", "inherit"] as const;
    const { error, status } = spawnSync(command, { shell: true, input: text, stdio: [...stdio] });
    // A shell that knows no such command says so itself, and ends with 127.
    return error === undefined && status !== 127;
  };
}
