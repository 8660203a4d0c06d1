import nearley from "nearley";
import grammar from "../../grammar/datalog.ne.js";

// Without post-processing: only the number of derivations is asked for.
const compiled = nearley.Grammar.fromCompiled({
  ParserStart: grammar.ParserStart,
  ParserRules: grammar.ParserRules.map(({ name, symbols }) => ({ name, symbols: [...symbols] })),
});

/** In how many ways the grammar derives a text: 0 where it is no program, 1 where it is. */
export function derivations(text: string): number {
  const parser = new nearley.Parser(compiled, { lexer: grammar.Lexer });
  try {
    parser.feed(text);
  } catch (error) {
    // Where no token or no production fits; everything else is a bug.
    if (error instanceof Error && "offset" in error) return 0;
    throw error;
  }
  return parser.results.length;
}
