import { readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { directiveWords, lex } from "../syntax/tokens.ts";
import { commands } from "./commands.ts";

/** What a word may become, and the word. */
export type Completion = readonly [candidates: string[], word: string];

/** What completion is about. */
export type CompletionContext = {
  /** The lines before this one that the entry consists of. */
  readonly pending: string;
  readonly relations: readonly string[];
};

/** Returns what the end of a line may become: commands, their arguments, relations, and in the
 * parentheses of an atom the variables of the clause. */
export function completions(line: string, { pending, relations }: CompletionContext): Completion {
  const [, word, gap, argument = ""] = /^\s*(\.[a-z]*)(\s+)?([^]*)$/i.exec(line) ?? [];
  if (pending === "" && word !== undefined) {
    if (gap === undefined) {
      const names = [...commands.map(({ name }) => `.${name}`), ...directiveWords];
      return [matching([...new Set(names)].toSorted(), word), word];
    }
    const command = commands.find(({ name }) => name.startsWith(word.slice(1)));
    if (command?.completes !== undefined)
      return argumentsOf(command.completes, argument, relations);
  }
  return inClause(pending + line, relations);
}

function argumentsOf(
  kind: NonNullable<(typeof commands)[number]["completes"]>,
  argument: string,
  relations: readonly string[],
): Completion {
  if (kind === "files" && !argument.includes(" ")) return [files(argument), argument];
  if (kind === "commands")
    return [
      matching(
        commands.map(({ name }) => name),
        argument,
      ),
      argument,
    ];
  if (kind === "relations" || kind === "files") return inClause(argument, relations);
  return [matching(kind, argument), argument];
}

/** The files and folders that a path may become. A folder that cannot be read has none. */
function files(path: string): string[] {
  const folder = path.endsWith("/") ? path : dirname(path);
  const begin = path.endsWith("/") ? "" : basename(path);
  try {
    return readdirSync(path === "" ? "." : folder, { withFileTypes: true })
      .filter(({ name }) => name.startsWith(begin) && (begin !== "" || !name.startsWith(".")))
      .map((entry) => {
        const plain = path === "" || (folder === "." && !path.startsWith("."));
        const name = plain ? entry.name : join(folder, entry.name);
        const shown = path.startsWith("./") && !name.startsWith(".") ? `./${name}` : name;
        return entry.isDirectory() ? `${shown}/` : shown;
      })
      .toSorted();
  } catch {
    return [];
  }
}

function inClause(text: string, relations: readonly string[]): Completion {
  const [word = ""] = /[\w?]*$/.exec(text) ?? [];
  const tokens = lex(text.slice(0, text.length - word.length)).tokens;
  const end = tokens.findLastIndex(({ image }, at) => {
    const next = tokens[at + 1];
    return image === "." && next?.startOffset !== (tokens[at]?.startOffset ?? 0) + 1;
  });
  const clause = tokens.slice(end + 1);
  const depth = clause.reduce(
    (sum, { image }) => sum + Number("([{".includes(image)) - Number(")]}".includes(image)),
    0,
  );
  const variables = clause
    .map(({ image }) => image)
    .filter((image) => /^[A-Za-z_?]\w*$/.test(image) && image !== "_" && image !== "?")
    .filter((image) => !relations.includes(image));
  const known = [...new Set(variables)].toSorted();
  const names = depth > 0 ? known : [...relations, ...known];
  return [matching(names, word), word];
}

function matching(names: readonly string[], word: string): string[] {
  return names.filter((name) => name.startsWith(word));
}
