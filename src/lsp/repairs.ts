// From a finding to the edits that would settle it: those of its hint, and those that accept it.
import type { Diagnostic } from "../base/diagnostic.ts";
import { textOf, type Source, type Span } from "../base/source.ts";
import { lex } from "../syntax/tokens.ts";
import type { ItemNode } from "../syntax/tree.ts";
import { missingDeclaration } from "./missing-declaration.ts";
import type { NamedSymbol } from "./symbol.ts";
import type { Understood } from "./workspace.ts";

/** A text in place of what a span covers. */
export type Edit = { readonly span: Span; readonly text: string };

/** A way to settle a finding. */
export type Repair = {
  readonly title: string;
  readonly edits: readonly Edit[];
  /** Whether it is the obvious one. */
  readonly preferred?: true;
};

/** Returns the ways to settle a finding, the obvious one first. */
export function repairs(finding: Diagnostic, of: Understood): Repair[] {
  return [
    ...meant(finding),
    ...byCode(finding, of),
    ...(isRemedied(finding) ? remedies(finding, of) : []),
    ...ignored(finding, of),
  ];
}

/** `did you mean X?` */
function meant({ hint = "", message, span }: Diagnostic): Repair[] {
  const found = /did you mean "?([^"?]+?)"?\?$/.exec(hint)?.[1];
  if (found === undefined) return [];
  const text = textOf(span);
  const quoted = [...message.matchAll(/"([^"]+)"/g)].flatMap(([, name = ""]) => [
    name,
    name.slice(name.lastIndexOf(".") + 1),
  ]);
  const wrong = quoted.find((name) => name !== "" && text.includes(name));
  if (wrong === undefined) return [];
  // A hint writes `@f` and `L<>`, also where the finding is about the bare name.
  let right = found;
  if (!wrong.startsWith("@")) right = right.replace(/^@/, "");
  if (!wrong.endsWith("<>")) right = right.replace(/<>$/, "");
  const start = span.start + text.lastIndexOf(wrong);
  const edit = { span: { source: span.source, start, end: start + wrong.length }, text: right };
  return [{ title: `Replace by "${right}"`, edits: [edit], preferred: true }];
}

function byCode(finding: Diagnostic, of: Understood): Repair[] {
  const { code, span, label = "", hint = "" } = finding;
  switch (code) {
    case "unknown-relation":
      return missingDeclaration(span, of).map(({ text, at }) => ({
        title: `Declare it: ${text.trim()}`,
        edits: [{ span: at, text }],
        ...(hint.startsWith("declare it") && { preferred: true as const }),
      }));
    case "unknown-type": {
      const declaration = /declare it: `(.+)`/.exec(hint)?.[1];
      if (declaration === undefined) return [];
      const edit = { span: lineOf(outermost(span, of) ?? span), text: `${declaration}\n` };
      return [{ title: `Declare it: ${declaration}`, edits: [edit], preferred: true }];
    }
    case "var-appears-once":
      return occursOnce(span, of);
    case "missing-clause-end":
      return [{ title: 'Add "."', edits: [{ span, text: "." }], preferred: true }];
    case "unclosed-bracket": {
      const closer = /^expected "([)\]}])"$/.exec(label)?.[1];
      if (closer === undefined) return [];
      const { start } = span;
      const before = span.source.text.slice(0, start).trimEnd().length;
      const edit = { span: { source: span.source, start: before, end: before }, text: closer };
      return [{ title: `Add "${closer}"`, edits: [edit], preferred: true }];
    }
    case "reserved-word": {
      const name = /such as "([^"]+)"/.exec(hint)?.[1];
      if (name === undefined) return [];
      return [{ title: `Replace by "${name}"`, edits: [{ span, text: name }] }];
    }
    case "dollar-sign":
      return textOf(span) === "$"
        ? [{ title: "Write `autoinc()`", edits: [{ span, text: "autoinc()" }], preferred: true }]
        : [];
    case "deprecated-type-decl": {
      const written = /write `(.+)`/.exec(hint)?.[1];
      if (written === undefined) return [];
      return [{ title: `Write \`${written}\``, edits: [{ span, text: written }], preferred: true }];
    }
    case "deprecated-qualifier":
      return directiveInstead(span, of);
    case "needless-contract":
      return [{ title: "Drop the contract", edits: [removed(span)], preferred: true }];
    default:
      return [];
  }
}

function occursOnce(span: Span, { index }: Understood): Repair[] {
  const occurrence = index.at(span.source.path, span.start);
  if (occurrence?.symbol.kind !== "variable") return [];
  const { name, occurrences } = occurrence.symbol;
  const places = occurrences.filter((one) => textOf(one.span) === name).map((one) => one.span);
  const named = (text: string): readonly Edit[] => places.map((place) => ({ span: place, text }));
  if (name.startsWith("_")) {
    const bare = name.replace(/^_+/, "");
    return /^[A-Za-z?]/.test(bare)
      ? [{ title: `Rename to "${bare}"`, edits: named(bare), preferred: true }]
      : [];
  }
  return [
    { title: `Rename to "_${name}"`, edits: named(`_${name}`), preferred: true },
    { title: 'Replace by "_"', edits: named("_") },
  ];
}

/** `.decl r(x: number) input` becomes `.input r` on a line of its own. */
function directiveInstead(span: Span, of: Understood): Repair[] {
  const item = outermost(span, of);
  if (item?.source !== span.source) return [];
  const declaration = of.tree.items.find((one) => one.span === item);
  if (declaration?.kind !== "relation") return [];
  const word = textOf(span);
  const names = declaration.names.map(({ text }) => text).join(", ");
  const { source, text } = { source: span.source, text: span.source.text };
  const start = text.slice(0, span.start).trimEnd().length;
  const cut = { span: { source, start, end: span.end }, text: "" };
  const end = { source, start: item.end, end: item.end };
  const added = { span: end, text: `\n.${word} ${names}` };
  return [{ title: `Write \`.${word} ${names}\``, edits: [cut, added], preferred: true }];
}

// ---- what the checker of levels proposes ----

const remediedCodes = [
  ...["aggregate-not-monotone", "choice-not-monotone", "coordinates", "deletion-not-monotone"],
  ...["lattice-left", "laws-not-claimed", "negation-not-monotone", "order-dependent"],
  ...["reads-ordered", "snapshot-read", "subsumption-not-monotone", "unguarded-event"],
];

function isRemedied({ code }: Diagnostic): boolean {
  return remediedCodes.includes(code);
}

function remedies(finding: Diagnostic, of: Understood): Repair[] {
  const { code, hint = "", subject, span } = finding;
  const found: Repair[] = [];
  const claim = (text: string): void => {
    found.push({ title: `Add \`${text}\``, edits: [claimed(text, subject, span, of)] });
  };
  for (const [, name = ""] of hint.matchAll(/declare "([^"]+)" as a `snapshot`/g))
    found.push(...qualified(name, "snapshot", of));
  for (const [, name = "", word = ""] of hint.matchAll(
    /declare "([^"]+)" with `(partition\([^)]*\))`/g,
  ))
    found.push(...qualified(name, word, of));
  for (const [, text = ""] of hint.matchAll(/`(\.calm (?:monotone [\w?.]+|level F[12]))`/g))
    claim(text);
  if (code === "coordinates") claim('.calm coordinating "say why"');
  else if (subject !== undefined && code !== "snapshot-read")
    claim(`.calm ordered ${subject} "say why"`);
  return found;
}

/** The addition of a claim: after the declaration of what it is about, else at the end. */
function claimed(text: string, subject: string | undefined, span: Span, of: Understood): Edit {
  const symbol = subject === undefined ? undefined : declared(subject, of);
  const item = symbol?.within.length === 0 ? symbol.item : undefined;
  const { source } = span;
  if (item?.span.source === source && text.includes(subject ?? "\0")) {
    const { end } = item.span;
    return { span: { source, start: end, end }, text: `\n${text}` };
  }
  const end = source.text.length;
  const open = source.text !== "" && !source.text.endsWith("\n");
  return { span: { source, start: end, end }, text: `${open ? "\n" : ""}${text}\n` };
}

/** The addition of a qualifier behind the attributes of a declaration. */
function qualified(name: string, word: string, of: Understood): Repair[] {
  const item = declared(name, of)?.item;
  if (item?.kind !== "relation") return [];
  const { source, start, end } = item.span;
  const names = item.names.at(-1)?.span.end ?? start;
  const from = item.attributes.at(-1)?.span.end ?? names;
  const { tokens } = lex(source.text.slice(from, end));
  const close = tokens.find(({ image }) => image === ")");
  if (close === undefined) return [];
  const at = from + close.startOffset + 1;
  const edit = { span: { source, start: at, end: at }, text: ` ${word}` };
  return [{ title: `Declare "${name}" as \`${word}\``, edits: [edit] }];
}

function declared(name: string, { index }: Understood): NamedSymbol | undefined {
  const bare = name.slice(name.lastIndexOf(".") + 1);
  const all = index.symbols.filter(
    (one) => one.kind === "relation" && one.name === bare && one.item !== undefined,
  );
  // A relation of an instance is declared in a component; where several have it, none is meant.
  if (bare === name) return all.find(({ within }) => within.length === 0);
  return all.length === 1 ? all[0] : undefined;
}

// ---- letting pass ----

/** A comment before the clause that lets the finding pass. */
function ignored(finding: Diagnostic, of: Understood): Repair[] {
  const { code, severity, span } = finding;
  if (!isRemedied(finding) && severity === "error") return [];
  if (code === "unused-suppression" || code === "unknown-code") return [];
  const item = innermost(span, of);
  if (item === undefined) return [];
  const edit = lineBefore(item, `// calm-ignore ${code}: say why`);
  return [{ title: `Ignore ${code} here`, edits: [edit] }];
}

/** The span of the item of the program's text around a place. */
function outermost(span: Span, { tree }: Understood): Span | undefined {
  return tree.items.map((item) => item.span).find((item) => holds(item, span));
}

function innermost(span: Span, { tree }: Understood): Span | undefined {
  const search = (items: readonly ItemNode[]): Span | undefined => {
    const item = items.find((one) => holds(one.span, span));
    if (item?.kind === "component") return search(item.items) ?? item.span;
    return item?.span;
  };
  return search(tree.items);
}

function holds(item: Span, { source, start, end }: Span): boolean {
  return item.source === source && item.start <= start && end <= item.end;
}

/** The empty place at the start of a span's line. */
function lineOf({ source, start }: Span): Span {
  const at = source.text.lastIndexOf("\n", start - 1) + 1;
  return { source, start: at, end: at };
}

function lineBefore(span: Span, text: string): Edit {
  const at = lineOf(span);
  const indent = /^[ \t]*/.exec(span.source.text.slice(at.start))?.[0] ?? "";
  return { span: at, text: `${indent}${text}\n` };
}

/** The removal of an item, with its line where nothing else is on it. */
function removed({ source, start, end }: Span): Edit {
  const from = lineOf({ source, start, end }).start;
  const next = source.text.indexOf("\n", end);
  const to = next < 0 ? source.text.length : next + 1;
  const alone = blank(source, from, start) && blank(source, end, to);
  return { span: alone ? { source, start: from, end: to } : { source, start, end }, text: "" };
}

function blank({ text }: Source, start: number, end: number): boolean {
  return text.slice(start, end).trim() === "";
}
