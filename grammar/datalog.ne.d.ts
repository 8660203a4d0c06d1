// The compiled grammar's shape. nearley drops what it does not know from a token.
import type { CompiledRules, Lexer } from "nearley";

/** A token: the text at an offset, and which lexical rule it matched. */
export type Token = { readonly type: string; readonly text: string; readonly at: number };

/** nearley's lexer interface, and the lexical rules by themselves. */
export type DatalogLexer = Lexer & {
  /** The longest token at an offset; `undefined` where none begins. */
  tokenAt: (text: string, at: number) => Token | undefined;
};

declare const grammar: Omit<CompiledRules, "Lexer"> & { readonly Lexer: DatalogLexer };
export default grammar;
