// What those who run scripts ask of them: options, and `--help`, which prints the comment that the
// script begins with, unless it has a text of its own for that.
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";

/** Returns the options of the script that runs, as `parseArgs` does. With `--help` the script says
 * what it is for, and ends with 0; where its options are wrong it says why, and ends with 2. */
export function scriptOptions(config, help = purpose()) {
  const helped = { ...config.options, help: { type: "boolean" } };
  let parsed;
  try {
    parsed = parseArgs({ ...config, options: helped });
  } catch (error) {
    const [name] = /npm (?:run [\w:-]+|test|start)/.exec(help) ?? ["options"];
    wrongOption(`${name}: ${error.message}\n\n${help}`);
  }
  if (parsed.values.help === true) {
    process.stdout.write(`${help.trimEnd()}\n`);
    process.exit(0);
  }
  return parsed;
}

/** Returns the whole number that an option takes; ends the script with 2 where it is none. */
export function whole(name, text) {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  wrongOption(`--${name} takes a whole number, not "${text}"`);
}

/** Says what is wrong with an option, and ends the script with 2. */
export function wrongOption(message) {
  process.stderr.write(`${message.trimEnd()}\n`);
  process.exit(2);
}

/** The comment that the script begins with. */
function purpose() {
  const lines = readFileSync(process.argv[1], "utf8").split("\n");
  const end = lines.findIndex((line) => !line.startsWith("//"));
  return lines
    .slice(0, end)
    .map((line) => line.replace(/^\/\/ ?/, ""))
    .join("\n");
}
