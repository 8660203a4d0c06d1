// What changed in what a program reads from outside and answers, as those see it who put facts in
// or take answers out.
import type { Program, Relation, RelationAt } from "../../analysis/program.ts";
import type { Diagnostic } from "../../base/diagnostic.ts";
import { positionAt, type Span } from "../../base/source.ts";
import { suggest } from "../../base/suggest.ts";
import type { Attribute, ValueKind } from "../../value/schema.ts";
import { structured } from "../../value/schema.ts";
import type { Code } from "../codes.ts";
import type { Judged, Versions } from "./versions.ts";

/** How others meet a relation. */
type Role = "input" | "output" | "message";

type Interface = Readonly<Record<Role, ReadonlySet<RelationAt>>>;

/** Returns what those would notice who feed and ask the earlier version. */
export function interfaceChanges(versions: Versions): Diagnostic[] {
  const { before, now } = versions;
  const [old, current] = [interfaceOf(before), interfaceOf(now)];
  const byName = new Map(now.program.relations.map(({ name }, at) => [name, at]));
  const changed = before.program.relations.flatMap((was, at): Diagnostic[] => {
    const nowAt = byName.get(was.name);
    const is = nowAt === undefined ? undefined : now.program.relations[nowAt];
    const roles = (["input", "output", "message"] as const).filter((role) => old[role].has(at));
    const gone = roles.flatMap((role): Diagnostic[] => {
      const there = nowAt !== undefined && (current[role].has(nowAt) || implied(role, versions));
      return there || role === "message" ? [] : [removed(was, is, role, current[role], versions)];
    });
    const [role] = roles;
    if (gone.length > 0 || role === undefined || is === undefined) return gone;
    return changedColumns(was, is, role, versions);
  });
  return [...changed, ...added(old, current, versions)];
}

function interfaceOf({ program: { directives, relations }, verdict }: Judged): Interface {
  const inputs = directives.flatMap(({ word, relation }) => (word === "input" ? [relation] : []));
  const messages = [...relations.keys()].filter((at) => relations[at]?.place?.message === true);
  return {
    input: new Set(inputs),
    output: new Set(verdict.outputs),
    message: new Set(messages),
  };
}

/** Whether neither version says what its outputs are: then all that nothing reads is one, and what
 * is read by now was not promised. */
function implied(role: Role, { before, now }: Versions): boolean {
  const said = ({ program }: Judged) => program.directives.some(({ word }) => word !== "input");
  return role === "output" && !said(before) && !said(now);
}

/** The finding that a relation is no input or output any more. */
function removed(
  was: Relation,
  is: Relation | undefined,
  role: "input" | "output",
  others: ReadonlySet<RelationAt>,
  { before, now, source, named }: Versions,
): Diagnostic {
  const codes = { input: "input-removed", output: "output-removed" } as const satisfies Record<
    string,
    Code
  >;
  const { relations } = now.program;
  const earlier = new Set(before.program.relations.map(({ name }) => name));
  const fresh = [...others].flatMap((at) => relations[at] ?? []);
  const candidates = fresh.filter(({ name }) => !earlier.has(name));
  const near = is === undefined ? renamed(was, candidates, before.program, now.program) : undefined;
  const place: Span = is?.span ?? near?.span ?? { source, start: 0, end: 0 };
  const what = is === undefined ? "is gone" : `is no ${role} any more`;
  const uses =
    role === "input" ? "who puts facts into it is refused" : "who reads it finds nothing";
  const keep = role === "input" ? "read both for a while" : "answer both for a while";
  return {
    severity: "error",
    code: codes[role],
    message: `${role} "${was.name}" ${what}: ${uses}`,
    span: place,
    ...(near !== undefined && { label: `"${near.name}" is new` }),
    notes: [`in ${named} it was ${signature(was)}, at ${placeOf(was.span)}`],
    hint:
      near === undefined
        ? "keep it until nothing needs it"
        : `did you mean to rename it to "${near.name}"? ${keep}`,
    subject: was.name,
  };
}

/** The relation that one which is gone is likely to be called now: of those with its columns, or
 * else of all, the one whose name is most like it. */
function renamed(
  was: Relation,
  candidates: readonly Relation[],
  before: Program,
  now: Program,
): Relation | undefined {
  const columns = ({ attributes }: Relation, program: Program): string =>
    attributes.map(({ kind }) => shapeOf(kind, program)).join();
  const same = candidates.filter((one) => columns(one, now) === columns(was, before));
  const nearest = (some: readonly Relation[]): Relation | undefined => {
    const name = suggest(
      was.name,
      some.map((one) => one.name),
    );
    return some.find((one) => one.name === name);
  };
  return nearest(same) ?? nearest(candidates) ?? (same.length === 1 ? same[0] : undefined);
}

function changedColumns(
  was: Relation,
  is: Relation,
  role: Role,
  { before, now, named }: Versions,
): Diagnostic[] {
  const found = { severity: "error", span: is.span, subject: is.name } as const;
  const notes = [`in ${named} it was ${signature(was)}`];
  const label = `now it is ${signature(is)}`;
  const [had, has] = [was.attributes.length, is.attributes.length];
  if (had !== has) {
    const code: Code = "arity-changed";
    const count = `it had ${columns(had)} and has ${has}`;
    const message = `${role} "${is.name}" has other columns: ${count}`;
    const hint = "a relation of another name can have them, beside this one";
    return [{ ...found, code, message, label, notes, hint }];
  }
  const changes = was.attributes.flatMap((attribute, at) => {
    const other = is.attributes[at];
    if (other === undefined) return [];
    const [old, current] = [
      shownShape(was, at, attribute, before.program),
      shownShape(is, at, other, now.program),
    ];
    if (old === current) return [];
    const alike = attribute.type === other.type;
    const change = alike ? `what "${other.type}" is` : `from ${attribute.type} to ${other.type}`;
    return [`column "${other.name}" ${alike ? "by " : ""}${change}`];
  });
  if (changes.length > 0) {
    const code: Code = "type-changed";
    const message = `${role} "${is.name}" has other types: ${changes.join(", ")}`;
    return [{ ...found, code, message, label, notes }];
  }
  const names = was.attributes.flatMap(({ name }, at) => {
    const other = is.attributes[at]?.name;
    return other === name || other === undefined ? [] : [`"${name}" is "${other}" now`];
  });
  if (names.length === 0) return [];
  const code: Code = "column-renamed";
  const message = `${role} "${is.name}" has other names of columns: ${names.join(", ")}`;
  const hint = "JSON, tables and files with a header use these names";
  return [{ ...found, severity: "warning", code, message, hint, notes }];
}

/** Inputs that there were not: who runs the program has to give them. */
function added(old: Interface, current: Interface, { before, now, named }: Versions): Diagnostic[] {
  const names = (program: Program, places: Iterable<RelationAt>): (string | undefined)[] =>
    [...places].map((at) => program.relations[at]?.name);
  const had = new Set(names(before.program, old.input));
  return [...current.input].flatMap((at): Diagnostic[] => {
    const relation = now.program.relations[at];
    if (relation === undefined || had.has(relation.name)) return [];
    const code: Code = "input-added";
    const message = `input "${relation.name}" is new: who runs the program has to give it facts`;
    const label = `this was no input in ${named}`;
    return [
      { severity: "warning", code, message, span: relation.span, label, subject: relation.name },
    ];
  });
}

/** What the values of a column are made of, and how they are joined; nominal types with the same
 * representation are the same to those outside. */
function shownShape(
  { attributes, lattices = [] }: Relation,
  at: number,
  { kind }: Attribute,
  program: Program,
): string {
  const lattice = lattices[at - (attributes.length - lattices.length)];
  return `${lattice?.name ?? ""} ${shapeOf(kind, program)}`;
}

function shapeOf(kind: ValueKind, program: Program, around: readonly ValueKind[] = []): string {
  if (!structured(kind)) return kind;
  const depth = around.indexOf(kind);
  const structure = program.structures.get(kind);
  if (depth >= 0 || structure === undefined) return `^${depth}`;
  const within = [...around, kind];
  const fields = (of: readonly Attribute[]): string =>
    of.map((field) => `${field.name}: ${shapeOf(field.kind, program, within)}`).join(", ");
  switch (structure.kind) {
    case "record":
      return `[${fields(structure.fields)}]`;
    case "adt":
      return structure.branches.map(({ name, fields: of }) => `${name}{${fields(of)}}`).join(" | ");
    case "set":
      return `{${fields([structure.element])}}`;
    case "map":
      return `{${fields([structure.key])} -> ${fields([structure.value])}}`;
  }
}

function signature({ name, attributes }: Relation): string {
  return `${name}(${attributes.map((of) => `${of.name}: ${of.type}`).join(", ")})`;
}

function placeOf({ source, start }: Span): string {
  const { line, column } = positionAt(source, start);
  return `${source.path}:${line}:${column}`;
}

function columns(count: number): string {
  return `${count} column${count === 1 ? "" : "s"}`;
}
