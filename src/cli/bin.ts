// What the `calm` command runs.
import { processHost } from "./host.ts";
import { main } from "./main.ts";

/** Is settled when the command has ended. */
export const ended = main(process.argv.slice(2), processHost()).then((code) => {
  process.exitCode = code;
});
