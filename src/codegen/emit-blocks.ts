// JavaScript that looks a pair up in a `BlockSet`, or puts it in.
import type { RelationText, SetText } from "./emit-set.ts";
import { mixedText, sumText } from "./hash.ts";
import type { Writer } from "./writer.ts";

/** JavaScript for blocks. */
export const blocksText: SetText = {
  fields: ({ name }) =>
    ["table", "shift", "mask"].map((field) => `${name}_${field} = ${name}.set.${field}`),

  insert(writer, relation, [a = "", b = ""], otherwise) {
    const { name } = relation;
    const { slot, block } = emitSlot(writer, relation, a, b);
    const half = writer.keep(`2 | ${b} >>> 5 & 1`);
    const bit = writer.keep(`1 << ${b}`);
    const table = `${name}_table`;
    writer.open(`for (;; ${slot} = ${slot} + 4 & ${name}_mask) {`);
    const found = writer.keep(`${table}[${slot} + 1]`);
    writer.open(`if (${found} === ${block} && ${table}[${slot}] === ${a}) {`);
    const bits = writer.keep(`${table}[${slot} + ${half}]`);
    writer.line(`if ((${bits} & ${bit}) !== 0) ${otherwise.found}`);
    writer.line(`${table}[${slot} + ${half}] = ${bits} | ${bit};`);
    writer.line("break;");
    writer.close();
    writer.open(`if (${found} === 0) {`);
    writer.line(`${table}[${slot}] = ${a};`);
    writer.line(`${table}[${slot} + 1] = ${block};`);
    writer.line(`${table}[${slot} + ${half}] = ${bit};`);
    // The row that is added next asks for room.
    writer.line(`if (--${name}.set.free === 0) ${name}_limit = 0;`);
    writer.line("break;");
    writer.close();
    writer.close();
  },

  has(writer, relation, [a = "", b = ""], found) {
    const { name } = relation;
    const { slot, block } = emitSlot(writer, relation, a, b);
    const table = `${name}_table`;
    writer.open(`for (;; ${slot} = ${slot} + 4 & ${name}_mask) {`);
    const other = writer.keep(`${table}[${slot} + 1]`);
    writer.line(`if (${other} === 0) break;`);
    writer.open(`if (${other} === ${block} && ${table}[${slot}] === ${a}) {`);
    const bits = `${table}[${slot} + (2 | ${b} >>> 5 & 1)]`;
    writer.line(`${found} = (${bits} >>> ${b} & 1) !== 0;`);
    writer.line("break;");
    writer.close();
    writer.close();
  },
};

/** Writes the number of a pair's block and where its search in the table starts. */
function emitSlot(
  writer: Writer,
  { name }: RelationText,
  a: string,
  b: string,
): { slot: string; block: string } {
  const block = writer.keep(`(${b} >>> 6) + 1`);
  const hash = writer.keep(mixedText(writer.keep(sumText([a, block]))));
  const slot = writer.name();
  writer.line(`let ${slot} = (${hash} >>> ${name}_shift) << 2;`);
  return { slot, block };
}
