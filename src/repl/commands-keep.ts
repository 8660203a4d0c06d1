// Commands that change the session as a whole: files, versions, definitions.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, extname, join, resolve } from "node:path";
import type { Source } from "../base/source.ts";
import { quoted } from "../value/print-value.ts";
import { print } from "../syntax/print.ts";
import type { ItemNode, TermNode } from "../syntax/tree.ts";
import type { Command } from "./command.ts";
import { placeOf } from "./commands-inspect.ts";
import { typedPath, type Text } from "./entry.ts";
import type { Live } from "./live.ts";
import { factLines } from "./output.ts";
import { advanced, redone, undone, withText } from "./session.ts";
import type { Outcome } from "./outcome.ts";
import type { Shell } from "./shell.ts";
import { itemsOf } from "./understood.ts";
import { Refusal } from "./world.ts";

const load: Command = {
  name: "load",
  local: true,
  usage: "FILE [REL]",
  help: "adds a program, or a file of facts for a relation",
  completes: "files",
  run: async (shell, argument) => {
    const [, file = "", relation] = /^(\S+)(?:\s+(\S+))?$/.exec(argument) ?? [];
    if (file === "") throw new Refusal("a file is wanted", "`.load program.dl`, `.load edge.csv`");
    return loadFile(shell, file, relation);
  },
};

/** Loads a program, or facts for a relation, as a next version of the session. */
export function loadFile(
  shell: Shell,
  file: string,
  relation = basename(file, extname(file)),
): Promise<Outcome> {
  const parameters = parametersOf(file);
  if (parameters === undefined) {
    const text = { ...shell.read(sourceOf(file)), file };
    // What was loaded before comes in the place of what it was.
    const at = shell.session.texts.findIndex((other) => other.file === file);
    const change = `.load ${file}`;
    if (at < 0) return shell.advance(withText(shell.session, text, change), [text]);
    const texts = shell.session.texts.set(at, text);
    return shell.advance({ ...shell.session, texts, change }, [text]);
  }
  placeOf(shell, shell.present(), relation);
  const directive = `.input ${relation}(${parameters}, filename=${quoted(resolve(file))})`;
  const text = shell.read({ path: typedPath, text: directive });
  return shell.advance(withText(shell.session, text, `.load ${file} ${relation}`), [text]);
}

/** What `.input` says of a file of facts by its name; undefined of a program. */
function parametersOf(file: string): string | undefined {
  const kind = extname(file.replace(/\.gz$/, ""));
  switch (kind) {
    case ".facts":
    case ".tsv":
      return "IO=file";
    case ".csv":
      return 'IO=file, rfc4180=true, delimiter=","';
    case ".json":
      return "IO=jsonfile";
    case ".sqlite":
    case ".db":
      return "IO=sqlite";
    default:
      return undefined;
  }
}

const reload: Command = {
  name: "reload",
  local: true,
  usage: "",
  help: "reads loaded files again, and their inputs",
  run: async (shell) => {
    const files = shell.session.texts.filter(({ file }) => file !== undefined);
    if (files.size === 0) throw new Refusal("no program was loaded", "`.load FILE` does it");
    const fresh: Text[] = [];
    const texts = shell.session.texts.map((text) => {
      if (text.file === undefined) return text;
      const again = { ...shell.read(sourceOf(text.file)), file: text.file };
      fresh.push(again);
      return again;
    });
    const before = [...shell.inputs];
    shell.inputs.clear();
    const next = { ...shell.session, texts, change: ".reload" };
    if (!(await shell.adopt(next, fresh))) {
      for (const [key, facts] of before) shell.inputs.set(key, facts);
      return "failed";
    }
    shell.versions = advanced(shell.versions, next);
    shell.remark(`read ${fresh.map(({ file = "" }) => file).join(", ")}`);
    return "ok";
  },
};

const watch: Command = {
  name: "watch",
  local: true,
  usage: "on|off",
  help: "reloads by itself whenever a loaded file changes",
  completes: ["on", "off"],
  run: (shell, argument) => {
    const { watch: tell } = shell;
    if (tell === undefined) throw new Refusal("files are watched at a terminal alone");
    tell(isOn(argument));
    return "ok";
  },
};

const undo: Command = {
  name: "undo",
  local: true,
  usage: "",
  help: "takes back the last change, whatever it was",
  run: (shell) => step(shell, undone(shell.versions), shell.session.change, "nothing to undo"),
};

const redo: Command = {
  name: "redo",
  local: true,
  usage: "",
  help: "makes the change again that was taken back last",
  run: (shell) => {
    const { future } = shell.versions;
    return step(shell, redone(shell.versions), future.peek()?.change ?? "", "nothing to redo");
  },
};

async function step(
  shell: Shell,
  to: Shell["versions"] | undefined,
  change: string,
  refusal: string,
): Promise<Outcome> {
  if (to === undefined) throw new Refusal(refusal);
  if (!(await shell.adopt(to.present, []))) return "failed";
  const word = to.past.size < shell.versions.past.size ? "took back" : "again";
  shell.versions = to;
  shell.remark(`${word}: ${change}`);
  return "ok";
}

const dump: Command = {
  name: "dump",
  usage: "[REL]",
  help: "prints a relation, or all that was stated, as facts",
  completes: "relations",
  run: async (shell, argument): Promise<Outcome> => {
    const { remote } = shell;
    if (remote !== undefined) {
      if (argument === "") throw new Refusal("a relation is wanted", "`.rels` lists them");
      const { relation, values } = await remote.tuples(argument);
      for (const line of factLines(relation, values)) shell.printSource(`${line}\n`);
      return "ok";
    }
    const live = shell.present();
    const { relations } = live.program;
    if (argument !== "") {
      const relation = live.database.relations[placeOf(shell, live, argument)];
      if (relation === undefined) return "ok";
      for (const line of factLines(relation, live.database.values)) shell.printSource(`${line}\n`);
      return "ok";
    }
    for (const at of relations.keys())
      for (const line of givenLines(live, at)) shell.printSource(`${line}\n`);
    return "ok";
  },
};

const save: Command = {
  name: "save",
  local: true,
  usage: "DIR",
  help: "writes the session, with its facts, as DIR/session.dl",
  completes: "files",
  run: (shell, argument) => {
    if (argument === "") throw new Refusal("a folder is wanted", "`.save DIR`");
    const live = shell.present();
    const items = itemsOf(shell.session.texts).filter(
      (item) => !isFact(item) && !(item.kind === "directive" && item.word === "input"),
    );
    const facts = [...live.program.relations.keys()].flatMap((at) => [...givenLines(live, at)]);
    const path = join(argument, "session.dl");
    try {
      mkdirSync(argument, { recursive: true });
      const program = print({ items: items.map(withoutInput), comments: [] });
      writeFileSync(path, `${program}\n${facts.map((line) => `${line}\n`).join("")}`);
    } catch (error) {
      throw new Refusal(`cannot write "${path}": ${(error as Error).message}`);
    }
    shell.remark(`wrote ${path}`);
    return "ok";
  },
};

const set: Command = {
  name: "set",
  usage: "[NAME [VALUE]]",
  help: "has NAME stand for VALUE from now on; without VALUE no longer",
  run: (shell, argument) => {
    const { macros } = shell;
    const [, name = "", value = ""] = /^(\S*)\s*([^]*)$/.exec(argument) ?? [];
    if (name === "") {
      for (const [key, text] of macros) shell.output.write(`${key} ${text}\n`);
      return "ok";
    }
    if (!/^[A-Za-z_]\w*$/.test(name)) throw new Refusal(`"${name}" is no name`);
    if (value === "") macros.delete(name);
    else macros.set(name, value);
    return "ok";
  },
};

/** Commands that change the session as a whole. */
export const keeping: readonly Command[] = [load, reload, watch, undo, redo, dump, save, set];

/** Whether a word switches something on; refuses all but `on` and `off`. */
export function isOn(word: string): boolean {
  if (word === "on" || word === "off") return word === "on";
  throw new Refusal("`on` or `off` is wanted");
}

function sourceOf(path: string): Source {
  try {
    return { path, text: readFileSync(path, "utf8") };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = code === "ENOENT" ? "there is no such file" : message;
    throw new Refusal(`cannot read "${path}": ${reason}`);
  }
}

const noWords = new Int32Array(0);

function* givenLines(live: Live, at: number): Generator<string, void, undefined> {
  const schema = live.program.relations[at];
  if (schema === undefined || schema.name.startsWith("#")) return;
  const { columns, size } = live.given(at);
  const tuples = { schema, size, column: (column: number) => columns[column] ?? noWords };
  yield* factLines(tuples, live.database.values);
}

function withoutInput(item: ItemNode): ItemNode {
  if (item.kind !== "relation") return item;
  return { ...item, qualifiers: item.qualifiers.filter(({ word }) => word !== "input") };
}

function isFact(item: ItemNode): boolean {
  if (item.kind !== "clause" || item.body !== undefined) return false;
  return item.heads.every(
    ({ atom, sign, location }) =>
      sign === undefined && location === undefined && atom.terms.every(isConstant),
  );
}

function isConstant(term: TermNode): boolean {
  if (term.kind === "record" || term.kind === "branch") return term.fields.every(isConstant);
  return term.kind === "number" || term.kind === "string" || term.kind === "nil";
}
