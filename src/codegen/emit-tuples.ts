// JavaScript that works on the tuples of a relation: fetching its arrays, looking a tuple up,
// inserting one. Knows the layout of `Store` and nothing of rules.
import { mixedText, sumText } from "./hash.ts";
import { least } from "./store.ts";
import type { RelationUse, Writer } from "./writer.ts";

/** A relation in generated text: `name` begins the names of all its variables. */
export type RelationText = {
  readonly at: number;
  readonly name: string;
  readonly arity: number;
  /** It has choice domains or lattices: its store decides what comes in. */
  readonly guarded: boolean;
  /** It has classes for a store. */
  readonly equivalence: boolean;
};

/** The variable that holds a column. */
export function columnText({ name }: RelationText, column: number): string {
  return `${name}_${column}`;
}

/** The statements that fetch what a function uses of a relation. */
export function fetchTuples(relation: RelationText, use: RelationUse): string[] {
  const { name, arity } = relation;
  const columns = use.inserts ? Array.from({ length: arity }, (_, at) => at) : [...use.columns];
  const fetched = columns
    .toSorted((a, b) => a - b)
    .map((at) => `${columnText(relation, at)} = ${name}.columns[${at}]`);
  if (use.table || use.inserts) fetched.push(...tableFields(name));
  if (use.inserts) fetched.push(`${name}_size = ${name}.size`, `${name}_limit = ${name}.limit`);
  const lines =
    fetched.length === 0 ? [] : [`${use.inserts ? "let" : "const"} ${fetched.join(", ")};`];
  if (use.dropped) lines.push(`const ${name}_dropped = ${name}.dropped;`);
  if (use.window) lines.push(`const ${name}_from = ${name}.from, ${name}_to = ${name}.to;`);
  return lines;
}

/** JavaScript that tells whether a row is dropped. */
export function droppedText(writer: Writer, { at, name }: RelationText, row: string): string {
  writer.relation(at).dropped = true;
  return `(${name}_dropped[${row} >> 5] >>> ${row} & 1) !== 0`;
}

/** Writes the insertion of a tuple, given as variables or literals. */
export function emitInsert(writer: Writer, relation: RelationText, tuple: readonly string[]): void {
  const { name, arity } = relation;
  const use = writer.relation(relation.at);
  if (relation.guarded || relation.equivalence) {
    writer.line(`${name}.insert([${tuple.join(", ")}]);`);
    return;
  }
  use.inserts = true;
  if (arity === 0) {
    writer.line(`if (${name}_size === 0) ${name}_size = 1;`);
    return;
  }
  const label = writer.name();
  writer.open(`${label}: { // insert (${tuple.join(", ")}) into ${name}`);
  const { slot, hash } = emitSlot(writer, relation, tuple);
  const [first = "", second = ""] = tuple;
  const table = `${name}_table`;
  const next = `${slot} = ${slot} + ${arity === 1 ? 1 : 2} & ${name}_mask`;
  if (arity <= 2) {
    const flipped = writer.keep(flip(first));
    writer.open(`for (;; ${next}) {`);
    const found = writer.keep(`${table}[${slot}]`);
    const other = arity === 1 ? "" : writer.keep(`${table}[${slot} + 1]`);
    const zero = arity === 1 ? flipped : `(${flipped} | ${second})`;
    const free = arity === 1 ? `${found} === 0` : `(${found} | ${other}) === 0`;
    const same =
      arity === 1 ? `${found} === ${flipped}` : `${found} === ${flipped} && ${other} === ${second}`;
    writer.open(`if (${same}) {`);
    // An empty slot looks like one tuple; that one is in when its flag is set.
    writer.line(`if (${zero} !== 0 || ${name}.zero) break ${label};`);
    writer.line(`${name}.zero = true;`);
    writer.line("break;");
    writer.close();
    writer.open(`if (${free}) {`);
    writer.line(`${table}[${slot}] = ${flipped};`);
    if (arity === 2) writer.line(`${table}[${slot} + 1] = ${second};`);
    writer.line("break;");
    writer.close();
    writer.close();
  } else {
    writer.open(`for (;; ${next}) {`);
    const row = writer.keep(`${table}[${slot}]`);
    writer.open(`if (${row} === 0) {`);
    writer.line(`${table}[${slot}] = ${name}_size + 1;`);
    writer.line(`${table}[${slot} + 1] = ${hash};`);
    writer.line("break;");
    writer.close();
    writer.line(`if (${sameRow(relation, slot, hash, row, tuple)}) break ${label};`);
    writer.close();
  }
  tuple.forEach((word, at) => {
    writer.line(`${columnText(relation, at)}[${name}_size] = ${word};`);
  });
  writer.open(`if (++${name}_size >= ${name}_limit) {`);
  writer.line(`${name}.size = ${name}_size;`);
  writer.line(`${name}.grow();`);
  writer.line(`${reload(relation)};`);
  writer.close();
  writer.close();
}

/** Writes the look-up of a tuple among all rows; returns the variable that tells the answer. */
export function emitHas(writer: Writer, relation: RelationText, tuple: readonly string[]): string {
  const { name, arity } = relation;
  const use = writer.relation(relation.at);
  use.table = true;
  const found = writer.name();
  writer.line(`let ${found} = false;`);
  writer.open(`{ // find (${tuple.join(", ")}) in ${name}`);
  const { slot, hash } = emitSlot(writer, relation, tuple);
  const [first = "", second = ""] = tuple;
  const table = `${name}_table`;
  const next = `${slot} = ${slot} + ${arity === 1 ? 1 : 2} & ${name}_mask`;
  if (arity <= 2) {
    const flipped = writer.keep(flip(first));
    const zero = arity === 1 ? flipped : `(${flipped} | ${second})`;
    const at = `${table}[${slot}]`;
    const same =
      arity === 1
        ? `${at} === ${flipped}`
        : `${at} === ${flipped} && ${table}[${slot} + 1] === ${second}`;
    const free = arity === 1 ? `${at} === 0` : `(${at} | ${table}[${slot} + 1]) === 0`;
    writer.open(`for (;; ${next}) {`);
    writer.line(`if (${same}) { ${found} = ${zero} !== 0 || ${name}.zero; break; }`);
    writer.line(`if (${free}) break;`);
    writer.close();
  } else {
    for (let at = 0; at < arity; at++) use.columns.add(at);
    writer.open(`for (;; ${next}) {`);
    const row = writer.keep(`${table}[${slot}]`);
    writer.line(`if (${row} === 0) break;`);
    const same = sameRow(relation, slot, hash, row, tuple);
    writer.line(`if (${same}) { ${found} = true; break; }`);
    writer.close();
  }
  writer.close();
  return found;
}

/** Writes the hash of a tuple and where its search in the table starts. */
function emitSlot(
  writer: Writer,
  { name, arity }: RelationText,
  tuple: readonly string[],
): { slot: string; hash: string } {
  const sum = writer.keep(sumText(tuple));
  const hash = writer.keep(mixedText(sum));
  const slot = writer.name();
  const start = `${hash} >>> ${name}_shift`;
  writer.line(`let ${slot} = ${arity === 1 ? start : `(${start}) << 1`};`);
  return { slot, hash };
}

function sameRow(
  relation: RelationText,
  slot: string,
  hash: string,
  row: string,
  tuple: readonly string[],
): string {
  const equal = tuple.map((word, at) => `${columnText(relation, at)}[${row} - 1] === ${word}`);
  return [`${relation.name}_table[${slot} + 1] === ${hash}`, ...equal].join(" && ");
}

function flip(word: string): string {
  return /^-?\d+$/.test(word) ? String(Number(word) ^ least) : `${word} ^ ${least}`;
}

function tableFields(name: string): string[] {
  return ["table", "shift", "mask"].map((field) => `${name}_${field} = ${name}.${field}`);
}

function reload(relation: RelationText): string {
  const { name, arity } = relation;
  const columns = Array.from(
    { length: arity },
    (_, at) => `${columnText(relation, at)} = ${name}.columns[${at}]`,
  );
  return [...columns, ...tableFields(name), `${name}_limit = ${name}.limit`].join(", ");
}
