// A compiled nearley grammar and a seed → texts of its language, and texts that nearly are. A text
// is made as a list of tokens first, so that it can be spaced out and broken token by token.
import type { Random } from "../../src/base/random.ts";
import grammar from "../../grammar/datalog.ne.js";

/** A derivation's yield, and the productions that it used. */
export type Derived = {
  readonly tokens: readonly string[];
  readonly productions: ReadonlySet<string>;
};

type Production = { readonly name: string; readonly symbols: readonly GrammarSymbol[] };
type GrammarSymbol = string | { readonly literal: string } | { readonly type: string };

const alternativesOf = new Map<string, Production[]>();
for (const { name, symbols } of grammar.ParserRules) {
  const production = { name, symbols: symbols as GrammarSymbol[] };
  alternativesOf.set(name, [...(alternativesOf.get(name) ?? []), production]);
}

/** The productions below an item, as nearley has unfolded them. */
export const allProductions: readonly string[] = [...alternativesOf.values()]
  .flat()
  .map(production)
  .filter((text) => !text.startsWith("program"));

function production({ name, symbols }: Production): string {
  return `${name} -> ${symbols.map((symbol) => JSON.stringify(symbol)).join(" ")}`;
}

// ---- Derivations ----

/** The height of the lowest derivation tree of each name. */
const leastHeights = heights();

function heights(): ReadonlyMap<string, number> {
  const known = new Map<string, number>();
  for (let changed = true; changed;) {
    changed = false;
    for (const [name, alternatives] of alternativesOf) {
      const least = Math.min(...alternatives.map((one) => height(one, known)));
      if (least >= (known.get(name) ?? Infinity)) continue;
      known.set(name, least);
      changed = true;
    }
  }
  return known;
}

function height({ symbols }: Production, known: ReadonlyMap<string, number>): number {
  const below = symbols.map((symbol) =>
    typeof symbol === "string" ? (known.get(symbol) ?? Infinity) : 0,
  );
  return 1 + Math.max(0, ...below);
}

/** Derives a program of about `items` items. While there is fuel (one unit a production) the
 * choice of production is free, but for recursion, which is taken more seldom, or all programs
 * would be deep; without fuel the lowest tree is taken. */
export function derivedProgram(random: Random, items: number, fuelPerItem: number): Derived {
  const tokens: string[] = [];
  const productions = new Set<string>();
  let fuel = 0;

  const derive = (symbol: GrammarSymbol): void => {
    if (typeof symbol !== "string") {
      tokens.push("literal" in symbol ? symbol.literal : sample(symbol.type, random));
      return;
    }
    const chosen = choose(alternativesOf.get(symbol) ?? []);
    fuel--;
    productions.add(production(chosen));
    for (const child of chosen.symbols) derive(child);
  };

  const choose = (alternatives: readonly Production[]): Production => {
    const leastHeight = (one: Production): number => height(one, leastHeights);
    if (fuel <= 0) {
      const least = Math.min(...alternatives.map(leastHeight));
      return random.pick(alternatives.filter((one) => leastHeight(one) === least));
    }
    const recursive = alternatives.filter(({ name, symbols }) => symbols.includes(name));
    const others = alternatives.filter((one) => !recursive.includes(one));
    const list = alternatives[0]?.name.includes("$ebnf$") === true;
    return random.pick(
      recursive.length > 0 && random.chance(list ? 0.4 : 0.1) ? recursive : others,
    );
  };

  const rest = random.chance(0.05) ? ["annotation"] : [];
  for (const symbol of [...Array<string>(items).fill("item"), ...rest]) {
    fuel = fuelPerItem;
    derive(symbol);
  }
  return { tokens, productions };
}

// ---- Tokens ----

/** Names, calmdb's own words and look-alikes of reserved words among them. */
const names =
  `x y z a b c edge reach Node ?v _w x1 counter asx minimum lorry inputs u e u1 b1 message event
  memory system partition snapshot ordered seal transaction calm expect abort monotone
  coordinating level decl type plan Id All Min Lub`.split(/\s+/);

const samples: Readonly<Record<string, readonly string[]>> = {
  identifier: names,
  reserved: ["as", "count", "min", "nil", "choice-domain", "to_number", "input", "btree_delete"],
  integer: ["0", "1", "2", "42", "007", "0x1F", "0b101"],
  unsigned: ["0u", "42u", "0xffu", "0b1u"],
  float: ["0.5", "1.25", "10.0"],
  ipv4: ["127.0.0.1", "255.1.02.003"],
  string: ['""', '"a"', '"a b"', '"// no comment"', '"\\n\\t\\"\\\\"', '"two\nlines"', '"é."'],
  operator: [..."|$+-,:;.=!*^%<>@_/", ":-", ":+", ":~", "<:", "<=", ">=", "!=", "->", "@!"],
  directive: [".decl", ".plan", ".output"],
};

function sample(type: string, random: Random): string {
  const texts = samples[type];
  if (texts === undefined) throw new Error(`no samples for the token type ${type}`);
  return random.pick(texts);
}

// ---- Texts ----

const gapsOfLine = [" ", "  ", "\t", " /**/", " /* a. */ "];
const gaps = [
  ...gapsOfLine,
  ..."\n,\n\n,\r\n,\n  ".split(","),
  " // a comment.\n",
  " /* a\n comment */ ",
  "\n/// documentation\n",
  "\n//! inner documentation\n",
];

/** Writes tokens one after another, with white space and comments at random; nothing stands between
 * two tokens only where they are read back as these two. */
export function spacedText(tokens: readonly string[], random: Random): string {
  let text = "";
  // What stands since the last gap.
  let run: string[] = [];
  for (const token of tokens) {
    if (random.chance(0.6) || !readsAs([...run, token].join(""), [...run, token])) {
      // What follows a directive stands on its line.
      const directive = /^\../.test(run.at(-1) ?? "");
      text += random.chance(0.6) ? " " : random.pick(directive ? gapsOfLine : gaps);
      run = [];
    }
    text += token;
    run.push(token);
  }
  text += random.pick(["", " ", "\n"]);
  // A name `seal` after a dot that it touches can be one only until a name follows.
  return readsAs(text, tokens) ? text : tokens.join(" ");
}

function readsAs(text: string, tokens: readonly string[]): boolean {
  // A directive is one only before white space, and that comes next if nothing else is joined.
  grammar.Lexer.reset(`${text} `);
  try {
    return tokens.every((token) => grammar.Lexer.next()?.text === token);
  } catch {
    return false;
  }
}

/** Tokens with one of them deleted, repeated, replaced, put in or exchanged with its neighbour. */
export function mutatedTokens(tokens: readonly string[], random: Random): readonly string[] {
  if (tokens.length === 0) return tokens;
  const at = random.below(tokens.length);
  const token = tokens[at] as string;
  const other = random.chance(0.5)
    ? random.pick(tokens)
    : random.pick(Object.values(samples).flat());
  switch (random.below(5)) {
    case 0:
      return tokens.toSpliced(at, 1);
    case 1:
      return tokens.toSpliced(at, 0, token);
    case 2:
      return tokens.with(at, other);
    case 3:
      return tokens.toSpliced(at, 0, other);
    default:
      return tokens.toSpliced(at, 2, ...tokens.slice(at, at + 2).reverse());
  }
}

/** A text with a few neighbouring characters deleted, or one put in or replaced. */
export function mutatedText(text: string, random: Random): string {
  const at = random.below(text.length + 1);
  const character = random.pick([..."abu09_?.,:;-+~=<>!@$^*/|(){}[]\"\\ \n\té#&'"]);
  switch (random.below(3)) {
    case 0:
      return text.slice(0, at) + text.slice(at + random.between(1, 3));
    case 1:
      return text.slice(0, at) + character + text.slice(at);
    default:
      return text.slice(0, at) + character + text.slice(at + 1);
  }
}
