// grammar/datalog.ne → grammar/railroad/index.html: one page of railroad diagrams, a diagram for
// each production, with the comments of the grammar as captions. It needs nothing but itself.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

// The drawing library is nearley's dependency, not ours: it is found from where nearley is.
const require = createRequire(createRequire(import.meta.url).resolve("nearley"));
const nearley = require("./nearley.js");
const ownGrammar = require("./nearley-language-bootstrapped.js");
const {
  Diagram,
  Sequence,
  Choice,
  Optional,
  OneOrMore,
  ZeroOrMore,
  Terminal,
  NonTerminal,
  Skip,
} = require("railroad-diagrams");

/** The page for a grammar's text. */
export function railroadPage(grammarText) {
  const productions = parsedGrammar(grammarText).filter(({ name }) => name !== undefined);
  const captions = commentsAbove(grammarText);
  const sections = productions.map(({ name, rules }) => {
    const { heading, caption } = captions.get(name) ?? {};
    return [
      heading === undefined ? "" : `<h2>${escaped(heading)}</h2>\n`,
      `<h3 id="${name}"><code>${name}</code></h3>\n`,
      caption === undefined ? "" : `<p>${escaped(caption)}</p>\n`,
      `<div>\n${new Diagram([alternatives(rules)])}</div>\n`,
    ].join("");
  });
  return page([...sections, tokenTable(grammarText)].join("\n"));
}

function parsedGrammar(text) {
  const parser = new nearley.Parser(nearley.Grammar.fromCompiled(ownGrammar));
  parser.feed(`${text}\n`);
  return parser.results[0];
}

/** For each production the comment lines directly above it, and the section it opens. */
function commentsAbove(text) {
  const captions = new Map();
  let heading;
  let comment = [];
  for (const line of text.split("\n")) {
    const name = /^(\w+) ->/.exec(line)?.[1];
    const section = /^# -{4} (.*?) -{4}$/.exec(line)?.[1];
    if (name !== undefined) {
      captions.set(name, { heading, caption: comment.length > 0 ? comment.join(" ") : undefined });
      heading = undefined;
    }
    if (section !== undefined) heading = section;
    comment = line.startsWith("# ") && section === undefined ? [...comment, line.slice(2)] : [];
  }
  return captions;
}

function alternatives(rules) {
  const drawn = rules.map(({ tokens }) => sequence(tokens));
  return drawn.length === 1 ? drawn[0] : new Choice(0, drawn);
}

function sequence(symbols) {
  return symbols.length === 0 ? new Skip() : new Sequence(symbols.map(drawing));
}

function drawing(symbol) {
  if (typeof symbol === "string") return linked(symbol, symbol);
  if (symbol.literal !== undefined) return new Terminal(symbol.literal);
  if (symbol.token !== undefined) return linked(symbol.token, "tokens");
  if (symbol.subexpression !== undefined) return alternatives(symbol.subexpression);
  // The grammar's one macro: one or more, with commas between.
  if (symbol.macrocall === "list") {
    return new OneOrMore(sequence(symbol.args[0].tokens), new Terminal(","));
  }
  if (symbol.modifier === ":?") return new Optional(drawing(symbol.ebnf));
  if (symbol.modifier === ":*") return new ZeroOrMore(drawing(symbol.ebnf));
  if (symbol.modifier === ":+") return new OneOrMore(drawing(symbol.ebnf));
  throw new Error(`no drawing for ${JSON.stringify(symbol)}`);
}

function linked(text, anchor) {
  const box = new NonTerminal(text);
  const drawn = box.toString;
  box.toString = () => `<a href="#${anchor}">${drawn.call(box)}</a>`;
  return box;
}

/** The lexical rules, as they stand in the grammar's code block. */
function tokenTable(grammarText) {
  const code = /@\{%\n([^]*?)%\}/.exec(grammarText)?.[1] ?? "";
  const rules = code.slice(0, code.indexOf("\nconst patterns"));
  return `<h2 id="tokens">Tokens</h2>\n<pre>${escaped(rules)}</pre>\n`;
}

function escaped(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function page(body) {
  return `<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>The grammar of calmdb's Datalog</title>
<style>
  body { font: 16px/1.4 sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem; }
  div { overflow-x: auto; }
  pre { background: hsl(220 20% 96%); overflow-x: auto; padding: 1rem; }
  h3 { margin: 2rem 0 0; }
  p { margin: 0.2rem 0; }
  svg path { fill: none; stroke: hsl(220 10% 40%); stroke-width: 2; }
  svg rect { fill: hsl(120 50% 92%); stroke: hsl(220 10% 40%); stroke-width: 2; }
  svg a rect { fill: hsl(210 60% 94%); }
  svg text { font: 14px monospace; text-anchor: middle; }
</style>
<h1>The grammar of calmdb's Datalog</h1>
<p>Drawn from <code>grammar/datalog.ne</code>, which is normative. Rounded boxes are tokens as
written, square ones lead to another diagram or to the <a href="#tokens">lexical rules</a>.</p>
${body}</html>
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = new URL("../grammar/railroad/", import.meta.url);
  mkdirSync(folder, { recursive: true });
  const grammarText = readFileSync(new URL("../grammar/datalog.ne", import.meta.url), "utf8");
  writeFileSync(new URL("index.html", folder), railroadPage(grammarText));
}
