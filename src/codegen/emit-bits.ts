// JavaScript that looks a tuple up in a `BitSet`, or puts it in.
import type { RelationText, SetText } from "./emit-set.ts";
import type { Writer } from "./writer.ts";

/** JavaScript for bits. */
export const bitsText: SetText = {
  fields: ({ name, arity }) => {
    const columns = Array.from({ length: arity }, (_, at) => at);
    return [
      `${name}_bits = ${name}.set.bits`,
      ...columns.map((at) => `${name}_low${at} = ${name}.set.lows[${at}]`),
      // Both sides of a comparison have to be without sign to be compared as words.
      ...columns.map((at) => `${name}_extent${at} = ${name}.set.extents[${at}] >>> 0`),
      `${name}_spilled = ${name}.set.spilled`,
    ];
  },

  insert(writer, relation, tuple, otherwise) {
    const { name } = relation;
    const places = emitPlaces(writer, relation, tuple);
    writer.open(`if (${outside(relation, places)}) {`);
    for (const line of otherwise.noPlace) writer.line(line);
    writer.close();
    const word = writer.keep(wordText(relation, places));
    const bits = writer.keep(`${name}_bits[${word}]`);
    const bit = writer.keep(`1 << ${tuple.at(-1) ?? ""}`);
    writer.line(`if ((${bits} & ${bit}) !== 0) ${otherwise.found}`);
    writer.line(`${name}_bits[${word}] = ${bits} | ${bit};`);
  },

  has(writer, relation, tuple, found) {
    const { name } = relation;
    const places = emitPlaces(writer, relation, tuple);
    writer.open(`if (${outside(relation, places)}) {`);
    writer.line(`${found} = ${name}_spilled && ${name}.has([${tuple.join(", ")}]);`);
    writer.close();
    writer.open("else {");
    const word = `${name}_bits[${wordText(relation, places)}]`;
    writer.line(`${found} = (${word} >>> ${tuple.at(-1) ?? ""} & 1) !== 0;`);
    writer.close();
  },
};

/** Writes where words are in the ranges of their columns. */
function emitPlaces(writer: Writer, { name }: RelationText, tuple: readonly string[]): string[] {
  return tuple.map((word, at) => writer.keep(`${word} - ${name}_low${at} >>> 0`));
}

function outside({ name }: RelationText, places: readonly string[]): string {
  return places.map((place, at) => `${place} >= ${name}_extent${at}`).join(" || ");
}

/** The number of the word that has the bit of a tuple within the ranges. */
function wordText({ name }: RelationText, places: readonly string[]): string {
  const last = places.length - 1;
  const place = `(${places[last] ?? ""} >>> 5)`;
  if (last === 0) return place;
  const prefix = places
    .slice(1, last)
    .reduce((sum, one, at) => `Math.imul(${sum}, ${name}_extent${at + 1}) + ${one}`, places[0]!);
  return `Math.imul(${prefix}, ${name}_extent${last} >>> 5) + ${place}`;
}
