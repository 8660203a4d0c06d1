// JavaScript that looks a tuple up in a `TableSet`, or puts it in.
import { columnText, type RelationText, type SetText } from "./emit-set.ts";
import { mixedText, sumText } from "./hash.ts";
import { least } from "./store.ts";
import type { Writer } from "./writer.ts";

/** JavaScript for tables. */
export const tableText: SetText = {
  fields: ({ name }) =>
    ["table", "shift", "mask"].map((field) => `${name}_${field} = ${name}.set.${field}`),

  insert(writer, relation, tuple, otherwise) {
    const { name, arity } = relation;
    const [first = "", second = ""] = tuple;
    const { slot, hash, table, next } = emitSearch(writer, relation, tuple);
    if (arity <= 2) {
      const flipped = writer.keep(flip(first));
      writer.open(`for (;; ${next}) {`);
      const found = writer.keep(`${table}[${slot}]`);
      const other = arity === 1 ? "" : writer.keep(`${table}[${slot} + 1]`);
      const zero = arity === 1 ? flipped : `(${flipped} | ${second})`;
      const free = arity === 1 ? `${found} === 0` : `(${found} | ${other}) === 0`;
      const same =
        arity === 1
          ? `${found} === ${flipped}`
          : `${found} === ${flipped} && ${other} === ${second}`;
      writer.open(`if (${same}) {`);
      // An empty slot looks like one tuple; that one is in when its flag is set.
      writer.line(`if (${zero} !== 0 || ${name}.set.zero) ${otherwise.found}`);
      writer.line(`${name}.set.zero = true;`);
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
      writer.line(`if (${sameRow(relation, slot, hash, row, tuple)}) ${otherwise.found}`);
      writer.close();
    }
  },

  has(writer, relation, tuple, found) {
    const { name, arity } = relation;
    const [first = "", second = ""] = tuple;
    const { slot, hash, table, next } = emitSearch(writer, relation, tuple);
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
      writer.line(`if (${same}) { ${found} = ${zero} !== 0 || ${name}.set.zero; break; }`);
      writer.line(`if (${free}) break;`);
      writer.close();
    } else {
      const { columns } = writer.relation(relation.at);
      for (let at = 0; at < arity; at++) columns.add(at);
      writer.open(`for (;; ${next}) {`);
      const row = writer.keep(`${table}[${slot}]`);
      writer.line(`if (${row} === 0) break;`);
      const same = sameRow(relation, slot, hash, row, tuple);
      writer.line(`if (${same}) { ${found} = true; break; }`);
      writer.close();
    }
  },
};

/** Writes the hash of a tuple and where its search in the table starts; returns the variables of
 * both, and the text of its next step. */
function emitSearch(
  writer: Writer,
  { name, arity }: RelationText,
  tuple: readonly string[],
): { slot: string; hash: string; table: string; next: string } {
  const sum = writer.keep(sumText(tuple));
  const hash = writer.keep(mixedText(sum));
  const slot = writer.name();
  const start = `${hash} >>> ${name}_shift`;
  writer.line(`let ${slot} = ${arity === 1 ? start : `(${start}) << 1`};`);
  const next = `${slot} = ${slot} + ${arity === 1 ? 1 : 2} & ${name}_mask`;
  return { slot, hash, table: `${name}_table`, next };
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
