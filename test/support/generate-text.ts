// A compiled nearley grammar and a seed → texts of its language, and texts that nearly are. A text
// is made as a list of tokens first, so that it can be spaced out and broken token by token.
import type { Random } from "../../src/base/random.ts";
import grammar from "../../grammar/datalog.ne.js";

type Production = { readonly name: string; readonly symbols: readonly GrammarSymbol[] };
type GrammarSymbol = string | { readonly literal: string } | { readonly type: string };

const alternativesOf = new Map<string, Production[]>();
for (const { name, symbols } of grammar.ParserRules) {
  const production = { name, symbols: symbols as GrammarSymbol[] };
  alternativesOf.set(name, [...(alternativesOf.get(name) ?? []), production]);
}

// ---- Derivations ----

/** The height of the lowest derivation tree of each name. */
const leastHeights = fixpoint(height);

function height({ symbols }: Production, known: ReadonlyMap<string, number>): number {
  return 1 + Math.max(0, ...below(symbols, known));
}

function least({ symbols }: Production, known: ReadonlyMap<string, number>): number {
  return Math.min(...below(symbols, known));
}

function below(symbols: readonly GrammarSymbol[], known: ReadonlyMap<string, number>): number[] {
  return symbols.flatMap((one) => (typeof one === "string" ? [known.get(one) ?? Infinity] : []));
}

/** For each name the least measure of its productions, where the measure of a production depends on
 * what is known of the names in it (nothing being infinite). */
function fixpoint(
  measure: (one: Production, known: ReadonlyMap<string, number>) => number,
): ReadonlyMap<string, number> {
  const known = new Map<string, number>();
  for (let changed = true; changed;) {
    changed = false;
    for (const [name, alternatives] of alternativesOf) {
      const lowestMeasure = Math.min(...alternatives.map((one) => measure(one, known)));
      if (lowestMeasure >= (known.get(name) ?? Infinity)) continue;
      known.set(name, lowestMeasure);
      changed = true;
    }
  }
  return known;
}

/** Makes programs, and knows which productions it has not used yet. */
export type ProgramGenerator = {
  /** The tokens of a program of so many items. While there is fuel (a unit for each production of
   * an item) the choice of productions is free, without it the lowest tree is taken. */
  readonly tokens: (random: Random, items: number, fuelPerItem: number) => string[];
  readonly unused: () => string[];
};

/** Returns a generator that has used no production. Half of its free choices are for what leads to
 * the production used least, so that common things do not keep it from the rare ones. */
export function programGenerator(): ProgramGenerator {
  const uses = new Map<Production, number>();
  const usesOf = (one: Production): number => uses.get(one) ?? 0;

  function tokens(random: Random, items: number, fuelPerItem: number): string[] {
    const made: string[] = [];
    let fuel = 0;
    let leastUses: ReadonlyMap<string, number> = new Map();

    const choose = (alternatives: readonly Production[]): Production => {
      if (fuel <= 0) return random.pick(lowest(alternatives, (one) => height(one, leastHeights)));
      // Recursion is taken more seldom once it was used, or all programs would be deep.
      const recursive = alternatives.filter(({ name, symbols }) => symbols.includes(name));
      const others = alternatives.filter((one) => !recursive.includes(one));
      const list = alternatives[0]?.name.includes("$ebnf$") === true;
      const seldom = recursive.some((one) => usesOf(one) === 0) ? 0.5 : list ? 0.4 : 0.1;
      const chosen = recursive.length > 0 && random.chance(seldom) ? recursive : others;
      if (random.chance(0.5)) return random.pick(chosen);
      return random.pick(lowest(chosen, (one) => Math.min(usesOf(one), least(one, leastUses))));
    };

    const derive = (symbol: GrammarSymbol): void => {
      if (typeof symbol !== "string") {
        made.push("literal" in symbol ? symbol.literal : sample(symbol.type, random));
        return;
      }
      const chosen = choose(alternativesOf.get(symbol) ?? []);
      fuel--;
      uses.set(chosen, usesOf(chosen) + 1);
      for (const child of chosen.symbols) derive(child);
    };

    for (let item = 0; item < items; item++) {
      leastUses = fixpoint((one, known) => Math.min(usesOf(one), least(one, known)));
      fuel = fuelPerItem;
      derive("item");
    }
    if (random.chance(0.05)) derive("annotation");
    return made;
  }

  // The start's own productions stand for the loop over items above.
  const unused = (): string[] =>
    [...alternativesOf.values()]
      .flat()
      .filter((one) => usesOf(one) === 0 && !one.name.startsWith("program"))
      .map(({ name, symbols }) => `${name} -> ${symbols.map((s) => JSON.stringify(s)).join(" ")}`);

  return { tokens, unused };
}

function lowest<T>(items: readonly T[], measure: (item: T) => number): T[] {
  const least = Math.min(...items.map(measure));
  return items.filter((item) => measure(item) === least);
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
  operator: [
    ..."| $ + - , : ; . = ! * ^ % < > @ _ /".split(" "),
    ":-",
    ":+",
    ":~",
    "<:",
    "<=",
    ">=",
    "!=",
    "->",
    "@!",
  ],
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

const characters = Array.from("abu09_?.,:;-+~=<>!@$^*/|(){}[]\"\\ \n\té#&'");

/** A text with a few neighbouring characters deleted, or one put in or replaced. */
export function mutatedText(text: string, random: Random): string {
  const at = random.below(text.length + 1);
  const character = random.pick(characters);
  switch (random.below(3)) {
    case 0:
      return text.slice(0, at) + text.slice(at + random.between(1, 3));
    case 1:
      return text.slice(0, at) + character + text.slice(at);
    default:
      return text.slice(0, at) + character + text.slice(at + 1);
  }
}
