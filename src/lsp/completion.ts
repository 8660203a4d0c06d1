// What could be written at a place: names in sight, words of the language, by what stands before.
import {
  CompletionItemKind,
  InsertTextFormat,
  type CompletionItem,
} from "vscode-languageserver-types";
import { textOf } from "../base/source.ts";
import { lex } from "../syntax/tokens.ts";
import { attributesOf, variableType } from "./variable-types.ts";
import type { NamedSymbol, SymbolKind } from "./symbol.ts";
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

const kinds: Readonly<Record<SymbolKind, CompletionItemKind>> = {
  relation: CompletionItemKind.Function,
  attribute: CompletionItemKind.Property,
  type: CompletionItemKind.Struct,
  lattice: CompletionItemKind.Interface,
  branch: CompletionItemKind.EnumMember,
  functor: CompletionItemKind.Method,
  component: CompletionItemKind.Class,
  parameter: CompletionItemKind.TypeParameter,
  instance: CompletionItemKind.Module,
  transaction: CompletionItemKind.Event,
  variable: CompletionItemKind.Variable,
};

/** Returns what could be written at `offset` of the program's own text. `typed` is the sign that
 * made an editor ask, undefined where its user did. */
export function completions(of: Understood, offset: number, typed?: string): CompletionItem[] {
  const { text, path } = of.source;
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf("\n") + 1;
  const line = before.slice(lineStart);
  if (inCommentOrString(text, offset)) return [];
  const around = of.index.visibleAt(path, offset);
  const named = (...of: readonly SymbolKind[]): CompletionItem[] =>
    around.filter(({ kind }) => of.includes(kind)).map(plain);

  if (/^\s*\.\w*$/.test(line)) return directives();
  const item = statement(before);
  const [, directive = ""] = /^\.(\w+)\s/.exec(item) ?? [];
  const members = /((?:[A-Za-z_?][\w?]*\.)+)[\w?]*$/.exec(line)?.[1];
  if (members !== undefined) {
    const names = members.slice(0, -1).split(".");
    const found = of.index.membersOf(names, path, offset);
    if (found.length > 0)
      return found
        .filter(({ kind }) => kind !== "parameter")
        .map((one) => calledIf(one, !directive));
  }
  switch (directive) {
    case "input":
    case "output":
    case "printsize":
    case "limitsize":
    case "expect":
    case "override":
      return named("relation", "instance");
    case "decl":
      return inDeclaration(item, named("type", "lattice", "parameter"));
    case "functor":
      return types(named("type", "lattice", "parameter"));
    case "type":
      return types(named("type", "lattice", "parameter"));
    case "comp":
    case "init":
      if (!/[{}]/.test(item)) return named("component", "parameter", "type");
      break;
    case "calm":
      return /^\.calm\s+\w*$/.test(item)
        ? ["monotone", "ordered", "coordinating", "level"].map((label) => keyword(label, ""))
        : /^\.calm\s+level\s/.test(item)
          ? ["M", "F1", "F2", "ordered"].map((label) => keyword(label, ""))
          : named("relation", "functor", "lattice");
  }
  if (/@@?\w*$/.test(line)) return named("functor");
  if (/\$\w*$/.test(line)) return around.filter(({ kind }) => kind === "branch").map(branch);
  if (/\bas\s*\(?[^()]*,\s*\w*$/.test(line)) return types(named("type"));
  // A clause has ended, or its head has: nobody wants to be asked then.
  if (typed === "." || typed === ":") return [];
  return inClause(of, offset, around);
}

/** What a clause may go on with. */
function inClause(
  of: Understood,
  offset: number,
  around: readonly NamedSymbol[],
): CompletionItem[] {
  const { path, text } = of.source;
  const item = statement(text.slice(0, offset));
  const clause = of.index.clauseAt(path, offset);
  const start = offset - item.length;
  // A clause that is not finished may be no clause yet: its words that are no calls are variables.
  const written = new Set<string>(clause?.variables.keys());
  for (const { 0: name, index } of item.matchAll(/(?<![\w?.@$"])[A-Za-z_?][\w?]*(?!\s*[\w?(.])/g))
    if (start + index + name.length < offset) written.add(name);
  const relations = new Set(around.map(({ name }) => name));
  const variables = [...written]
    .filter((name) => !relations.has(name) && !own(reserved, name))
    .map((label): CompletionItem => {
      const type = clause && variableType(label, clause, of.program);
      return {
        ...{ label, kind: CompletionItemKind.Variable, sortText: `0${label}` },
        ...(type !== undefined && { detail: type }),
      };
    });
  const relationItems = around
    .filter(({ kind }) => kind === "relation")
    .map((symbol) => calledIf(symbol, true));
  const instances = around.filter(({ kind }) => kind === "instance").map(plain);
  return [
    ...variables,
    ...relationItems,
    ...instances,
    ...words(functorMeanings, CompletionItemKind.Function, (name) => `${name}($1)`),
    ...words(testMeanings, CompletionItemKind.Function, (name) => `${name}($1)`),
    ...words(aggregateMeanings, CompletionItemKind.Keyword, (name) =>
      name === "count" ? "count : { $1 }" : `${name} \${1:x} : { $2 }`,
    ).map((one) => ({ ...one, label: one.label, sortText: `2${one.label}` })),
  ];
}

const reserved: Readonly<Record<string, unknown>> = {
  ...functorMeanings,
  ...aggregateMeanings,
  ...testMeanings,
  ...{ true: 0, false: 0, nil: 0, as: 0, land: 0, lor: 0, lxor: 0, band: 0, bor: 0, bxor: 0 },
};

/** Types behind a colon, names of attributes in the keys of qualifiers, else qualifiers. */
function inDeclaration(item: string, named: readonly CompletionItem[]): CompletionItem[] {
  const open = item.indexOf("(");
  const close = closing(item, open);
  if (open < 0) return [];
  if (close === undefined) return /:[^,]*$/.test(item.slice(open)) ? types(named) : [];
  const rest = item.slice(close + 1);
  const attributes = [...item.slice(open + 1, close).matchAll(/([A-Za-z_?][\w?]*)\s*:/g)].map(
    ([, name = ""]): CompletionItem => ({ label: name, kind: CompletionItemKind.Property }),
  );
  const keys = /\b(?:partition|ordered)\s*\([^)]*$/.test(rest) || /choice-domain[^.]*$/.test(rest);
  if (keys) return attributes;
  return [
    ...Object.entries(qualifierMeanings).map(([label, text]): CompletionItem => {
      const keyed = label === "partition" || label === "ordered";
      return keyed ? { ...keyword(label, text), ...snippet(`${label}($1)`) } : keyword(label, text);
    }),
    { ...keyword("choice-domain", "keeps one tuple for each key"), ...snippet("choice-domain $1") },
  ];
}

function closing(item: string, open: number): number | undefined {
  let depth = 0;
  for (let at = open; at >= 0 && at < item.length; at += 1) {
    if (item[at] === "(") depth += 1;
    if (item[at] === ")") depth -= 1;
    if (depth === 0) return at;
  }
  return undefined;
}

function types(named: readonly CompletionItem[]): CompletionItem[] {
  return [
    ...named,
    ...words(typeMeanings, CompletionItemKind.Keyword),
    ...words(latticeMeanings, CompletionItemKind.Interface, (name) =>
      name === "Map" ? "Map<${1:K}, ${2:V}>" : name === "Set" ? "Set<${1:T}>" : `${name}<>`,
    ),
  ];
}

function directives(): CompletionItem[] {
  return Object.entries(directiveForms).map(([label, { snippet: form, text }]) => ({
    ...keyword(label, text),
    ...snippet(form),
    // The dot is there already, and is no part of a word to editors.
    filterText: label.slice(1),
  }));
}

/** The text of the item that is being written: from its directive, or from where its clause begins
 * after the last one. What is not finished has no end to go by: a name where a line begins, with
 * nothing open before it, begins something new. */
function statement(before: string): string {
  const { tokens } = lex(before);
  const braces: boolean[] = [];
  let from = 0;
  let brackets = 0;
  const begin = (at: number): void => {
    from = at;
    brackets = 0;
  };
  for (const [at, { image, startOffset }] of tokens.entries()) {
    const end = startOffset + image.length;
    const previous = tokens[at - 1];
    if (/^\.[a-z_]/.test(image) && image !== ".plan") begin(startOffset);
    else if (image === "." && !amidName(before, startOffset)) begin(end);
    else if (image === "(" || image === "[") brackets += 1;
    else if (image === ")" || image === "]") brackets -= 1;
    else if (image === "{") {
      const holdsItems = /^\.(?:comp|transaction)\s/.test(before.slice(from)) && brackets === 0;
      braces.push(holdsItems);
      if (holdsItems) begin(end);
    } else if (image === "}") {
      if (braces.pop() === true) begin(end);
    } else if (
      brackets <= 0 &&
      braces.at(-1) !== false &&
      /^[\w?]/.test(image) &&
      /(?:^|\n)[ \t]*$/.test(before.slice(0, startOffset)) &&
      !/^(?:[,;:|=<!]|:[-+~]|<:)$/.test(previous?.image ?? "")
    )
      begin(startOffset);
  }
  return before.slice(from).trimStart();
}

/** Whether a dot joins names: one that is typed last may still. */
function amidName(text: string, at: number): boolean {
  return /[\w?]$/.test(text.slice(0, at)) && !/^\s/.test(text.slice(at + 1));
}

function inCommentOrString(text: string, offset: number): boolean {
  const { tokens, comments } = lex(text);
  const within = ({ startOffset, image }: { startOffset: number; image: string }): boolean => {
    const end = startOffset + image.length;
    return startOffset < offset && (offset < end || (offset === end && image.startsWith("//")));
  };
  return (
    comments.some(within) || tokens.some((token) => token.image.startsWith('"') && within(token))
  );
}

function plain({ name, kind, item }: NamedSymbol): CompletionItem {
  const detail = item === undefined ? undefined : textOf(item.span).split("\n")[0];
  return { label: name, kind: kinds[kind], ...(detail !== undefined && { detail }) };
}

/** A relation with its attributes to fill in. */
function calledIf(symbol: NamedSymbol, called: boolean): CompletionItem {
  const one = plain(symbol);
  if (!called || symbol.kind !== "relation") return one;
  const attributes = attributesOf(symbol);
  const holes = attributes.map(({ name }, at) => `\${${String(at + 1)}:${name.text}}`).join(", ");
  const shown = attributes.map(({ name, type }) => `${name.text}: ${textOf(type.span)}`).join(", ");
  const sortText = `1${symbol.name}`;
  return { ...one, ...snippet(`${symbol.name}(${holes})`), detail: `(${shown})`, sortText };
}

function branch(symbol: NamedSymbol): CompletionItem {
  const fields = symbol.branch?.fields ?? [];
  const holes = fields.map(({ name }, at) => `\${${String(at + 1)}:${name.text}}`).join(", ");
  return { ...plain(symbol), ...snippet(`${symbol.name}(${holes})`) };
}

function words(
  table: Readonly<Record<string, Word>>,
  kind: CompletionItemKind,
  form?: (name: string) => string,
): CompletionItem[] {
  return Object.entries(table).map(([label, { form: detail, text }]) => ({
    ...{ label, kind, detail, documentation: text, sortText: `2${label}` },
    ...(form !== undefined && snippet(form(label))),
  }));
}

function keyword(label: string, documentation: string): CompletionItem {
  return {
    ...{ label, kind: CompletionItemKind.Keyword },
    ...(documentation !== "" && { documentation }),
  };
}

function snippet(insertText: string): Pick<CompletionItem, "insertText" | "insertTextFormat"> {
  return { insertText, insertTextFormat: InsertTextFormat.Snippet };
}

function own(table: Readonly<Record<string, unknown>>, key: string): boolean {
  return Object.hasOwn(table, key);
}
