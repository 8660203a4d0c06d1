import nearley from "nearley";

import grammar from "../../grammar/datalog.ne.js";
import { parse } from "../../src/syntax/parse.ts";

/** `program` or `no program`, where the grammar and the parser agree and the derivation is the only
 * one. Throws where not: one of the two has a bug. `name` is said in the error. */
export function verdict(text: string, name = "the text"): "program" | "no program" {
  const ways = derivations(text);
  const errors = parse(text, { preprocess: false }).diagnostics.filter(
    ({ severity }) => severity === "error",
  );
  const shown = `${name}: ${JSON.stringify(text)}`;
  if (ways > 1) throw new Error(`${ways} derivations: ${shown}`);
  if (ways === 0 && errors.length === 0) throw new Error(`only the parser accepts: ${shown}`);
  if (ways === 1 && errors.length > 0) {
    const said = errors.map(({ message }) => message).join("; ");
    throw new Error(`only the grammar accepts (the parser: ${said}): ${shown}`);
  }
  return ways === 1 ? "program" : "no program";
}

// Without post-processing: only the number of derivations is asked for.
const compiled = nearley.Grammar.fromCompiled({
  ParserStart: grammar.ParserStart,
  ParserRules: grammar.ParserRules.map(({ name, symbols }) => ({ name, symbols })),
});

/** In how many ways the grammar derives a text. */
function derivations(text: string): number {
  const parser = new nearley.Parser(compiled, { lexer: grammar.Lexer as nearley.Lexer });
  try {
    parser.feed(text);
  } catch (error) {
    // Where no token or no production fits; everything else is a bug.
    if (error instanceof Error && "offset" in error) return 0;
    throw error;
  }
  return parser.results.length;
}
