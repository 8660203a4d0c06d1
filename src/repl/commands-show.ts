// Commands that say how answers are shown, and where.
import type { Command } from "./command.ts";
import { isOn } from "./commands-keep.ts";
import { modeOf, modes } from "./output.ts";
import { Refusal } from "./world.ts";

const mode: Command = {
  name: "mode",
  usage: modes.join("|"),
  help: "how answers are shown",
  completes: modes,
  run: (shell, argument) => {
    if (argument === "") shell.output.write(`${shell.output.mode}\n`);
    else shell.output.mode = modeOf(argument);
    return "ok";
  },
};

const output: Command = {
  name: "output",
  usage: "[FILE]",
  help: "writes what follows to a file; without one, prints it again",
  completes: "files",
  run: (shell, argument) => {
    if (argument === "") shell.output.close();
    else shell.output.redirect(argument, false);
    return "ok";
  },
};

const once: Command = {
  name: "once",
  usage: "FILE",
  help: "writes the next answer to a file",
  completes: "files",
  run: (shell, argument) => {
    if (argument === "") throw new Refusal("a file is wanted", "`.once answer.csv`");
    shell.output.redirect(argument, true);
    return "ok";
  },
};

const limit: Command = {
  name: "limit",
  usage: "[N]",
  help: "how many rows of a table are shown, 40 in the beginning",
  run: (shell, argument) => {
    if (argument === "") {
      shell.output.write(`${shell.output.rowsMax}\n`);
      return "ok";
    }
    const rows = Number(argument);
    if (!Number.isSafeInteger(rows) || rows < 1) throw new Refusal("a number from 1 on is wanted");
    shell.output.rowsMax = rows;
    return "ok";
  },
};

const timer: Command = {
  name: "timer",
  usage: "on|off",
  help: "says how long each entry takes",
  completes: ["on", "off"],
  run: (shell, argument) => {
    shell.timed = isOn(argument);
    return "ok";
  },
};

/** Commands that say how answers are shown. */
export const showing: readonly Command[] = [mode, output, once, limit, timer];
