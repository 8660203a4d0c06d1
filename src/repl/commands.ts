// The table of commands: what begins with a dot.
import { suggest } from "../base/suggest.ts";
import { aligned } from "./aligned.ts";
import type { Command } from "./command.ts";
import { connecting } from "./commands-connect.ts";
import { explaining } from "./commands-explain.ts";
import { inspecting } from "./commands-inspect.ts";
import { keeping } from "./commands-keep.ts";
import { showing } from "./commands-show.ts";
import { Refusal } from "./world.ts";

const help: Command = {
  name: "help",
  usage: "[COMMAND]",
  help: "lists commands, or says what one does",
  completes: "commands",
  run: (shell, argument) => {
    if (argument !== "") {
      const { name, usage, help: text } = commandOf(argument.replace(/^\./, ""));
      shell.output.write(`${`.${name} ${usage}`.trim()}\n  ${text}\n`);
      return "ok";
    }
    const rows = commands.map(({ name, usage, help: text }) => [`.${name} ${usage}`, text]);
    shell.output.write(entriesHelp + aligned(rows));
    return "ok";
  },
};

const entriesHelp = `edge(1, 2).            adds a fact, a rule, a declaration
path(1, X)?            answers; \`?- path(1, X).\` is the same
-edge(1, 2).           takes a fact back

`;

const exit: Command = {
  name: "exit",
  usage: "",
  help: "ends the session, as ^D does",
  run: () => "exit",
};

const quit: Command = { ...exit, name: "quit" };

/** All commands, by name. */
export const commands: readonly Command[] = [
  ...[...inspecting, ...explaining, ...connecting, ...keeping, ...showing, help, exit, quit],
].toSorted((a, b) => (a.name < b.name ? -1 : 1));

/** Returns the command of a name, or of what only one begins with; refuses others. */
export function commandOf(word: string): Command {
  const found = commands.find(({ name }) => name === word);
  if (found !== undefined) return found;
  const begun = commands.filter(({ name }) => word !== "" && name.startsWith(word));
  const [only] = begun;
  if (only !== undefined && begun.length === 1) return only;
  if (begun.length > 1) {
    const names = begun.map(({ name }) => `.${name}`).join(", ");
    throw new Refusal(`".${word}" may be ${names}`);
  }
  const names = commands.map(({ name }) => name);
  const near = suggest(word, names);
  const hint = near === undefined ? "`.help` lists the commands" : `did you mean .${near}?`;
  throw new Refusal(`there is no command ".${word}"`, hint);
}
