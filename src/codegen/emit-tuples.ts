// JavaScript that works on the tuples of a relation: fetching its arrays, looking a tuple up,
// inserting one. Knows the layout of `Store` and nothing of rules.
import { bitsText } from "./emit-bits.ts";
import { blocksText } from "./emit-blocks.ts";
import { columnText, type RelationText, type SetText } from "./emit-set.ts";
import { tableText } from "./emit-table.ts";
import type { SetForm } from "./store.ts";
import type { RelationUse, Writer } from "./writer.ts";

const setTexts: Readonly<Record<SetForm, SetText>> = {
  table: tableText,
  blocks: blocksText,
  bits: bitsText,
};

/** The statements that fetch what a function uses of a relation. */
export function fetchTuples(relation: RelationText, use: RelationUse): string[] {
  const { name, arity } = relation;
  const columns = use.inserts ? Array.from({ length: arity }, (_, at) => at) : [...use.columns];
  const fetched = columns
    .toSorted((a, b) => a - b)
    .map((at) => `${columnText(relation, at)} = ${name}.columns[${at}]`);
  if (use.table || use.inserts) fetched.push(...setTexts[relation.form].fields(relation));
  if (use.inserts) fetched.push(`${name}_size = ${name}.size`, `${name}_limit = ${name}.limit`);
  const lines =
    fetched.length === 0 ? [] : [`${use.inserts ? "let" : "const"} ${fetched.join(", ")};`];
  if (use.dropped) lines.push(`const ${name}_dropped = ${name}.dropped;`);
  if (use.ranks)
    lines.push(`const ${name}_ranks = ${name}.ranks, ${name}_raised = ${name}.raised;`);
  if (use.window) lines.push(`const ${name}_from = ${name}.from, ${name}_to = ${name}.to;`);
  return lines;
}

/** JavaScript that tells whether a row is dropped. */
export function droppedText(writer: Writer, { at, name }: RelationText, row: string): string {
  writer.relation(at).dropped = true;
  return `(${name}_dropped[${row} >> 5] >>> ${row} & 1) !== 0`;
}

/** JavaScript for the rank of a row, which an entry of a `RowIndex` found if that is given. */
export function rankText(
  writer: Writer,
  { at, name }: RelationText,
  row: string,
  entry?: string,
): string {
  writer.relation(at).ranks = true;
  const raised =
    entry === undefined ? `(${name}_raised[${row} >> 5] >>> ${row} & 1) !== 0` : `${entry} < 0`;
  return `${raised} ? ${name}_ranks[${row}] : ${row}`;
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
  const { form, keyed } = relation;
  setTexts[form].insert(writer, { ...relation, arity: keyed }, tuple.slice(0, keyed), {
    found: `break ${label};`,
    // Who adds it replaces arrays, and counts it.
    noPlace: [
      `${name}.size = ${name}_size;`,
      `${name}.add([${tuple.join(", ")}]);`,
      `${reload(relation)}, ${name}_size = ${name}.size;`,
      `break ${label};`,
    ],
  });
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
  const use = writer.relation(relation.at);
  use.table = true;
  const found = writer.name();
  writer.count("probes");
  writer.line(`let ${found} = false;`);
  writer.open(`{ // find (${tuple.join(", ")}) in ${relation.name}`);
  setTexts[relation.form].has(writer, relation, tuple, found);
  writer.close();
  return found;
}

function reload(relation: RelationText): string {
  const { name, arity } = relation;
  const columns = Array.from(
    { length: arity },
    (_, at) => `${columnText(relation, at)} = ${name}.columns[${at}]`,
  );
  const fields = setTexts[relation.form].fields(relation);
  return [...columns, ...fields, `${name}_limit = ${name}.limit`].join(", ");
}
