// What is said of the name or word under the pointer, in Markdown.
import { positionAt, textOf, type Span } from "../base/source.ts";
import { lex } from "../syntax/tokens.ts";
import type { AnnotationNode } from "../syntax/tree.ts";
import { levelMeanings, levelsOf } from "./relation-levels.ts";
import { declarationOf, fullName, type NamedSymbol } from "./symbol.ts";
import { variableType } from "./variable-types.ts";
import {
  aggregateMeanings,
  directiveForms,
  functorMeanings,
  latticeMeanings,
  qualifierMeanings,
  testMeanings,
  typeMeanings,
  type Word,
} from "./words.ts";
import type { Understood } from "./workspace.ts";

/** What is said, and of what. */
export type Said = { readonly markdown: string; readonly span: Span };

/** How much of a declaration is shown. */
const declarationUnitsMax = 600;

/** Returns what is known of what stands at `offset` of a text. */
export function hover(of: Understood, path: string, offset: number): Said | undefined {
  const occurrence = of.index.at(path, offset);
  if (occurrence === undefined) return wordAt(of, offset);
  const { symbol, span } = occurrence;
  const markdown = symbol.kind === "variable" ? variable(symbol, of, span) : about(symbol, of);
  return { markdown, span };
}

function variable(symbol: NamedSymbol, { index, program }: Understood, at: Span): string {
  const clause = index.clauseAt(at.source.path, at.start);
  const type = clause && variableType(symbol.name, clause, program);
  const kind = symbol.type === undefined ? "variable" : "parameter";
  return code(`(${kind}) ${symbol.name}${type === undefined ? "" : `: ${type}`}`);
}

function about(symbol: NamedSymbol, of: Understood): string {
  const parts = [code(declared(symbol))];
  if (symbol.kind === "relation") parts.push(...levels(symbol, of), ...uses(symbol));
  parts.push(...documentation(symbol), place(symbol));
  return parts.filter((part) => part !== "").join("\n\n");
}

function declared(symbol: NamedSymbol): string {
  const { kind, item, type, name, branch } = symbol;
  if (kind === "attribute" && type !== undefined)
    return `(attribute) ${name}: ${textOf(type.span)}`;
  if (kind === "branch" && branch !== undefined && item !== undefined)
    return item.kind === "type"
      ? `$${textOf(branch.span)}  // of ${item.name.text}`
      : textOf(branch.span);
  if (kind === "parameter") return `(parameter) ${name}`;
  if (item === undefined) return `(relation) ${name}  // not declared`;
  const text = textOf(item.span);
  const brace = kind === "component" || kind === "transaction" ? text.indexOf("{") : -1;
  const shown = brace < 0 ? text : `${text.slice(0, brace).trimEnd()} { … }`;
  return shown.length > declarationUnitsMax ? `${shown.slice(0, declarationUnitsMax)}…` : shown;
}

function levels(symbol: NamedSymbol, { program, verdict }: Understood): string[] {
  const found = levelsOf(symbol, program, verdict);
  const [first, ...rest] = found;
  if (first === undefined) return [];
  if (rest.every(({ level }) => level === first.level))
    return [`**${first.level}** – ${levelMeanings[first.level]}`];
  return found.map(({ name, level }) => `\`${name}\`: **${level}** – ${levelMeanings[level]}`);
}

/** How often a relation is derived and read. */
function uses({ occurrences }: NamedSymbol): string[] {
  const heads = occurrences.filter(({ role }) => role === "head").length;
  const reads = occurrences.filter(({ role }) => role === "use").length;
  const times = (count: number, word: string): string =>
    `${String(count)} ${word}${count === 1 ? "" : "s"}`;
  return [`${times(heads, "clause")}, ${times(reads, "use")}`];
}

function documentation({ item, branch }: NamedSymbol): string[] {
  const annotations: readonly AnnotationNode[] = (branch ?? item)?.annotations ?? [];
  const lines = annotations.filter(({ key }) => key === "doc").map(({ value }) => value.trim());
  return lines.length === 0 ? [] : [lines.join("\n")];
}

function place(symbol: NamedSymbol): string {
  const span = declarationOf(symbol);
  if (span === undefined) return "";
  const { line, column } = positionAt(span.source, span.start);
  const file = span.source.path.replace(/^.*[/\\]/, "");
  const where = `${file}:${String(line)}:${String(column)}`;
  return symbol.within.length === 0 ? where : `${fullName(symbol)}, ${where}`;
}

/** What is said of a word of the language. */
function wordAt({ source }: Understood, offset: number): Said | undefined {
  const { tokens } = lex(source.text);
  const at = tokens.findIndex(
    ({ startOffset, image }) => startOffset <= offset && offset < startOffset + image.length,
  );
  const token = tokens[at];
  if (token === undefined) return undefined;
  const word = meaningOf(token.image, tokens[at + 1]?.image === "(");
  if (word === undefined) return undefined;
  const { startOffset: start, image } = token;
  return {
    markdown: `${code(word.form)}\n\n${word.text}`,
    span: { source, start, end: start + image.length },
  };
}

function meaningOf(image: string, called: boolean): Word | undefined {
  const directive = own(directiveForms, image);
  if (directive !== undefined) return { form: image, text: directive.text };
  const functor = own(functorMeanings, image);
  const aggregate = own(aggregateMeanings, image);
  const builtIn = called ? (functor ?? aggregate) : (aggregate ?? functor);
  if (builtIn !== undefined) return builtIn;
  const qualifier = own(qualifierMeanings, image);
  if (qualifier !== undefined) return { form: image, text: qualifier };
  return own(testMeanings, image) ?? own(typeMeanings, image) ?? own(latticeMeanings, image);
}

function own<T>(table: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

function code(text: string): string {
  return `\`\`\`calm\n${text}\n\`\`\``;
}
