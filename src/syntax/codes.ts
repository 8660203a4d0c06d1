/** The codes of what is wrong with a text before anything of it is understood, with what each
 * means. A code never changes its meaning. */
export const codes = {
  "address-out-of-range": "a part of an IPv4 address is above 255",
  condition: "the condition of `#if` or `#elif` cannot be evaluated",
  "include-not-found": "an included file is in none of the folders that are searched",
  "include-operand": "`#include` is not followed by a file's name",
  "macro-definition": "`#define` is not followed by a name that a macro can have",
  "macro-use": "a macro is used in a way that cannot be expanded",
  "missing-clause-end": "a fact or a rule does not end with `.`",
  "nesting-too-deep": "brackets, operators or components are nested too deep",
  "reserved-word": "a word of the language stands where a name is wanted",
  "stray-condition": "`#elif`, `#else` or `#endif` belongs to no `#if`",
  "text-too-long": "a text, with all that it includes, is larger than what is read",
  "unclosed-bracket": "a bracket is not closed",
  "unexpected-character": "a character is not part of the language",
  "unexpected-token": "a word or a sign stands where the grammar does not allow it",
  "unknown-directive": "a directive is not one of the language",
  "unknown-escape": "a backslash in a string is followed by something that it cannot escape",
  "unterminated-comment": "a comment has no end",
  "unterminated-condition": "a condition has no `#endif`",
  "unterminated-string": "a string has no end",
  "useless-annotation": "an annotation belongs to nothing",
  "useless-doc-comment": "a documentation comment documents nothing",
  "user-error": "the program refuses itself with `#error`",
  "user-warning": "the program warns with `#warning`",
} as const satisfies Record<string, string>;

/** One of `codes`. */
export type Code = keyof typeof codes;
