/** The codes of analysis with what each means. A code never changes its meaning; those of warnings
 * that Soufflé has too carry Soufflé's name. */
export const codes = {
  "aggregate-witness":
    "a variable of a count, sum or mean is used outside of it, where nothing binds it",
  "anonymous-variable": "`_` stands where a value is needed",
  "counter-in-recursion": "`autoinc()` stands in a recursive rule",
  "cyclic-inline": "an inlined relation is defined by itself",
  "cyclic-type": "a type is defined by itself",
  "deprecated-qualifier": "`input`, `output` or `printsize` follows a declaration",
  "deprecated-type-decl": "a type is declared in the old form",
  "disjunction-in-aggregate": "the body of an aggregate has alternatives",
  "dollar-sign": "`$` stands for `autoinc()`",
  "duplicate-attribute": "two attributes of a relation have one name",
  "duplicate-directive": "a directive that can be given once is given twice",
  "duplicate-relation": "a relation is declared twice",
  "duplicate-type": "a type is declared twice, or like a built-in one",
  "inline-in-aggregate": "an inlined relation stands in an aggregate",
  "inline-negated": "the negation of an inlined relation cannot be written out",
  "inline-not-possible": "a relation cannot be inlined for how it is used or defined",
  "limit-exceeded": "a rule or a type is larger than analysis accepts",
  "literal-out-of-range": "a literal does not fit its type",
  "malformed-directive": "a directive lacks a parameter or has a wrong one",
  "no-rules-nor-facts": "a relation that is not read from outside has neither rules nor facts",
  "not-supported": "a construct of the language is not supported yet",
  "plan-without-effect": "`.plan` follows a rule into which relations are inlined",
  "type-mismatch": "a value is used as two types that have nothing in common",
  "unknown-pragma": "a pragma is not one that is known",
  "unknown-relation": "a relation is not declared",
  "unknown-type": "a type is not declared",
  "unsafe-variable": "nothing in the body gives a variable its values",
  unstratified: "a relation depends on its own negation or aggregate",
  "var-appears-once": "a variable occurs once and is not named so, or the reverse",
  "wrong-arity": "an atom or a functor has too few or too many arguments",
  "wrong-plan": "`.plan` does not fit its rule",
  "wrong-union": "the members of a union have different representations",
} as const satisfies Record<string, string>;

/** One of `codes`. */
export type Code = keyof typeof codes;
