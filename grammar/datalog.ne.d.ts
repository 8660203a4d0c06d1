// The shape of what nearley compiles datalog.ne to, as far as tests use it.
import type { CompiledRules, Lexer } from "nearley";

/** A token: the text at an offset, and which lexical rule it matched. */
export type DatalogToken = { readonly type: string; readonly text: string; readonly at: number };

/** nearley's lexer interface with the tokens that this one gives. It throws where none begins. */
export type DatalogLexer = Omit<Lexer, "reset" | "next"> & {
  reset: (text: string) => void;
  next: () => DatalogToken | undefined;
};

declare const grammar: Omit<CompiledRules, "Lexer"> & { readonly Lexer: DatalogLexer };
export default grammar;
