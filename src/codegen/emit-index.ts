// JavaScript that finds a group of rows in an index and goes through it. Knows how an `Index` is
// laid out, and nothing of rules.
import type { Window } from "../plan/plan.ts";
import type { IndexNeed } from "./access.ts";
import { columnText, type RelationText } from "./emit-set.ts";
import { mixedText, sumText } from "./hash.ts";
import type { Writer } from "./writer.ts";

/** An index in generated text, by its place among the stratum's. */
export type IndexText = { readonly at: number; readonly need: IndexNeed };

/** The statements that fetch what a function uses of an index. */
export function fetchIndex({ at, need }: IndexText): string[] {
  if (need.form === "tuples") return need.columns.length === 2 ? [fetchPlaces(at)] : [];
  const fields = ["directory", "shift", "step", "items"];
  if (need.columns.length === 1) fields.push("multiplier", "mask", "jump");
  return [
    `const ${fields.map((field) => `index${at}_${field} = index${at}.${field}`).join(", ")};`,
  ];
}

/** Writes the loop over the rows of a group that a window shows, and opens its block. Returns the
 * variable of the item: a row number, or a word where the index holds values. */
export function openGroup(
  writer: Writer,
  relation: RelationText,
  index: IndexText,
  key: readonly string[],
  window: Window,
): string {
  if (index.need.form === "tuples") return openRow(writer, relation, index, key, window);
  const directory = `index${index.at}_directory`;
  const slot = emitFind(writer, relation, index, key);
  const at = writer.name();
  const end = writer.name();
  const item = writer.name();
  const start = `${directory}[${slot} + 2]`;
  const length = `${directory}[${slot} + 3]`;
  const load = `const ${item} = index${index.at}_items[${at}];`;
  const stable = `${directory}[${slot} + 1]`;
  const values = index.need.form === "values";
  if (window !== "full" && !values) writer.relation(index.need.relation).window = true;
  // Rows ascend: stable ones come first, those of the delta last.
  if (window === "delta") {
    writer.open(
      `for (let ${end} = ${values ? `${start} + ${stable}` : start}, ` +
        `${at} = ${start} + ${length} - 1; ${at} >= ${end}; ${at}--) {`,
    );
    writer.line(load);
    if (!values) writer.line(`if (${item} < ${relation.name}_from) break;`);
  } else {
    const count = window === "stable" && values ? stable : length;
    writer.open(`for (let ${at} = ${start}, ${end} = ${at} + ${count}; ${at} < ${end}; ${at}++) {`);
    writer.line(load);
    if (window === "stable" && !values) writer.line(`if (${item} >= ${relation.name}_from) break;`);
  }
  return item;
}

/** The statement that fetches where the entries of pairs are. */
function fetchPlaces(at: number): string {
  const index = `index${at}`;
  const parts = ["low", "extent", "stride"].flatMap((part) =>
    [0, 1].map((column) => {
      const kept = `${index}.places.${part}s[${column}]`;
      const word = part === "extent" ? `${kept} >>> 0` : kept;
      return `${index}_${part}${column} = ${index}_placed ? ${word} : 0`;
    }),
  );
  const placed = `${index}_placed = ${index}.places !== undefined`;
  return `const ${[placed, `${index}_table = ${index}.table`, ...parts].join(", ")};`;
}

/** The variable that holds the entry by which a row was found in an index of whole tuples. */
export function entryText(row: string): string {
  return `${row}_entry`;
}

/** Writes the search for the row of a whole tuple, and opens a block, which is left as a loop is,
 * for the case that a window shows it. */
function openRow(
  writer: Writer,
  relation: RelationText,
  { at, need }: IndexText,
  key: readonly string[],
  window: Window,
): string {
  writer.indexes.add(at);
  writer.count("probes");
  const row = writer.name();
  const entry = entryText(row);
  const index = `index${at}`;
  const words = need.columns.map((_, column) => key[need.columns.indexOf(column)] ?? "");
  if (words.length === 2) {
    const [x, y] = words.map((word, column) =>
      writer.keep(`${word} - ${index}_low${column} >>> 0`),
    );
    const inside = `${x} < ${index}_extent0 && ${y} < ${index}_extent1`;
    const placed = `${index}_table[${x} * ${index}_stride0 + ${y} * ${index}_stride1]`;
    const sought = `${index}.entryOf2(${words.join(", ")})`;
    writer.line(`const ${entry} = ${index}_placed ? ${inside} ? ${placed} : 0 : ${sought};`);
  } else if (words.length === 1) {
    writer.line(`const ${entry} = ${index}.entryOf1(${words.join(", ")});`);
  } else {
    for (const [column, word] of words.entries()) writer.line(`${index}.key[${column}] = ${word};`);
    writer.line(`const ${entry} = ${index}.entryOfKey();`);
  }
  writer.line(`let ${row} = (${entry} < 0 ? -${entry} : ${entry}) - 1;`);
  writer.relation(need.relation).window = true;
  const least = window === "delta" ? `${relation.name}_from` : "0";
  const end = `${relation.name}_${window === "stable" ? "from" : "to"}`;
  const shown = [`${row} >= ${least}`, `${row} < ${end}`];
  writer.open(`for (; ${shown.join(" && ")}; ${row} = -1) {`);
  return row;
}

/** Writes the search for a group; returns the condition that a window shows a row of it. */
export function emitAny(
  writer: Writer,
  relation: RelationText,
  index: IndexText,
  key: readonly string[],
  window: Window,
): string {
  const directory = `index${index.at}_directory`;
  const items = `index${index.at}_items`;
  const slot = emitFind(writer, relation, index, key);
  const some = `${directory}[${slot} + 3] !== 0`;
  if (window === "full") return some;
  if (index.need.form === "values") {
    const stable = `${directory}[${slot} + 1]`;
    return `${some} && ${stable} ${window === "stable" ? "!== 0" : `< ${directory}[${slot} + 3]`}`;
  }
  writer.relation(index.need.relation).window = true;
  const start = `${directory}[${slot} + 2]`;
  if (window === "stable") return `${some} && ${items}[${start}] < ${relation.name}_from`;
  const last = `${items}[${start} + ${directory}[${slot} + 3] - 1]`;
  return `${some} && ${last} >= ${relation.name}_from`;
}

/** Writes the search for a group; returns JavaScript for the number of its rows. */
export function groupLength(
  writer: Writer,
  relation: RelationText,
  index: IndexText,
  key: readonly string[],
): string {
  return `index${index.at}_directory[${emitFind(writer, relation, index, key)} + 3]`;
}

/** Writes the loop over the keys of an index, bound to `names`, and opens its block. */
export function openKeys(
  writer: Writer,
  relation: RelationText,
  { at, need }: IndexText,
  names: readonly string[],
): void {
  writer.indexes.add(at);
  const slot = writer.name();
  const directory = `index${at}_directory`;
  writer.open(`for (let ${slot} = 0; ${slot} < ${directory}.length; ${slot} += 4) {`);
  writer.line(`if (${directory}[${slot} + 3] === 0) continue;`);
  for (const [place, name] of names.entries()) {
    const word =
      names.length > 2
        ? `${readColumn(writer, relation, need, place)}[${directory}[${slot} + 1]]`
        : `${directory}[${slot}${place === 0 ? "" : " + 1"}]`;
    writer.line(`const ${name} = ${word};`);
  }
  writer.found(findName(at, names), slot);
}

function readColumn(
  writer: Writer,
  relation: RelationText,
  { relation: at, columns }: IndexNeed,
  place: number,
): string {
  const column = columns[place]!;
  writer.relation(at).columns.add(column);
  return columnText(relation, column);
}

function findName(index: number, key: readonly string[]): string {
  return `${index}: ${key.join(", ")}`;
}

/** Writes the search for the slot of a key, unless it was found before; an empty slot where there
 * is no such group. */
export function emitFind(
  writer: Writer,
  relation: RelationText,
  { at, need }: IndexText,
  key: readonly string[],
): string {
  const name = findName(at, key);
  const before = writer.find(name);
  if (before !== undefined) return before;
  writer.indexes.add(at);
  const index = `index${at}`;
  const slot = writer.name();
  const [first = "", second = ""] = key;
  let differs = `${index}_directory[${slot}] !== ${first}`;
  let start = `Math.imul(${first}, ${index}_multiplier) >>> ${index}_shift & ${index}_mask`;
  let next = `${slot} + 4 & ${index}_step | ${index}_jump`;
  if (key.length > 1) {
    const hash = writer.keep(mixedText(writer.keep(sumText(key))));
    start = `${hash} >>> ${index}_shift`;
    next = `${slot} + 4 & ${index}_step`;
    if (key.length === 2) {
      differs = `(${differs} || ${index}_directory[${slot} + 1] !== ${second})`;
    } else {
      const row = `${index}_directory[${slot} + 1]`;
      const columns = need.columns.map(
        (_, place) =>
          `${readColumn(writer, relation, need, place)}[${row}] !== ${key[place] ?? ""}`,
      );
      differs = `(${[`${index}_directory[${slot}] !== ${hash}`, ...columns].join(" || ")})`;
    }
  }
  writer.count("probes");
  writer.line(`let ${slot} = (${start}) << 2;`);
  writer.line(`while (${index}_directory[${slot} + 3] !== 0 && ${differs}) ${slot} = ${next};`);
  writer.found(name, slot);
  return slot;
}
