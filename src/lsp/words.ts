// What the language's own words mean, for hovers and completion.
import type { AggregateName, FunctorName, QualifierWord } from "../syntax/tree.ts";

/** A word with how it is written and what it means. */
export type Word = { readonly form: string; readonly text: string };

/** The functors that the language names. */
export const functorMeanings: Readonly<Record<FunctorName, Word>> = {
  cat: { form: "cat(s, t, …): symbol", text: "symbols joined" },
  ord: { form: "ord(x): number", text: "the number under which a symbol is kept" },
  range: {
    form: "range(from, to, step?)",
    text: "each number from the first on, before the second",
  },
  strlen: { form: "strlen(s): number", text: "how many bytes a symbol has" },
  substr: { form: "substr(s, from, length): symbol", text: "a part of a symbol, in bytes" },
  to_float: { form: "to_float(x): float", text: "the value as a float" },
  to_number: { form: "to_number(x): number", text: "the value as a number" },
  to_string: { form: "to_string(x): symbol", text: "the value as a symbol" },
  to_unsigned: { form: "to_unsigned(x): unsigned", text: "the value as an unsigned number" },
  min: { form: "min(x, y, …)", text: "the least of two or more numbers, floats or symbols" },
  max: { form: "max(x, y, …)", text: "the greatest of two or more numbers, floats or symbols" },
  autoinc: { form: "autoinc(): number", text: "a new number each time, from 0 on" },
  recursive_iteration_cnt: {
    form: "recursive_iteration_cnt(): unsigned",
    text: "the round of the fixpoint",
  },
  singleton: { form: "singleton(x), singleton(k, v)", text: "the set of x; the map with v for k" },
  size: { form: "size(c): number", text: "how many elements a set has, or keys a map" },
  at: { form: "at(m, k)", text: "what a map has for a key; no tuple where it has nothing" },
};

/** The aggregates. */
export const aggregateMeanings: Readonly<Record<AggregateName, Word>> = {
  count: { form: "count : { body }", text: "how many ways there are to satisfy the body" },
  sum: { form: "sum x : { body }", text: "the sum over all ways to satisfy the body" },
  min: { form: "min x : { body }", text: "the least value; nothing holds where there is none" },
  max: { form: "max x : { body }", text: "the greatest value; nothing holds where there is none" },
  mean: { form: "mean x : { body }", text: "the mean, a float; nothing where there is none" },
};

/** The tests of the language. */
export const testMeanings: Readonly<Record<"match" | "contains", Word>> = {
  match: { form: "match(pattern, s)", text: "holds where a regular expression fits the symbol" },
  contains: {
    form: "contains(part, s), contains(set, x)",
    text: "holds where a symbol has the part, a set the element, or a map the key",
  },
};

/** The types that need no declaration. */
export const typeMeanings: Readonly<Record<string, Word>> = {
  number: { form: "number", text: "a signed integer" },
  unsigned: { form: "unsigned", text: "an integer from 0 on" },
  float: { form: "float", text: "a floating-point number" },
  symbol: { form: "symbol", text: "a text" },
};

/** The lattices and collections that need no declaration. */
export const latticeMeanings: Readonly<Record<string, Word>> = {
  Max: { form: "Max<>", text: "keeps the greatest value of each key" },
  Min: { form: "Min<>", text: "keeps the least value of each key" },
  Or: { form: "Or<>", text: "0 or 1, joined by `lor`" },
  And: { form: "And<>", text: "0 or 1, joined by `land`" },
  Set: { form: "Set<T>", text: "a set, joined by union" },
  Map: { form: "Map<K, V>", text: "a map to values of a lattice, joined key by key" },
};

/** The words after a declaration's attributes. */
export const qualifierMeanings: Readonly<Record<QualifierWord, string>> = {
  input: "old form of `.input`",
  output: "old form of `.output`",
  printsize: "old form of `.printsize`",
  overridable: "a component that inherits it may `.override` it",
  inline: "replaced by its rules wherever it is used",
  no_inline: "never inlined",
  magic: "derived on demand",
  no_magic: "never derived on demand",
  brie: "Soufflé's choice of an index; without effect here",
  btree: "Soufflé's choice of an index; without effect here",
  btree_delete: "tuples may be dropped by subsumption",
  eqrel: "the least equivalence that holds what is stated and derived",
  message: "travels to other nodes, and is kept where it is delivered",
  event: "there for one step only",
  memory: "kept between steps",
  system: "given by the runtime: `Id` or `All`",
  partition: "a tuple is at the owner of these attributes' values: `partition(x)`",
  snapshot: "a local view that is not final; only other snapshots read it",
  ordered: "changed by transactions only; these attributes are its key: `ordered(x)`",
};

/** The directives, with a form to fill in as an editor's snippet. */
export const directiveForms: Readonly<Record<string, { snippet: string; text: string }>> = {
  ".decl": { snippet: "decl ${1:name}(${2:x}: ${3:symbol})", text: "declares a relation" },
  ".type": { snippet: "type ${1:Name} <: ${2:symbol}", text: "declares a type" },
  ".input": { snippet: "input ${1:relation}", text: "a relation is read from a file" },
  ".output": { snippet: "output ${1:relation}", text: "a relation is written" },
  ".printsize": { snippet: "printsize ${1:relation}", text: "prints how many tuples there are" },
  ".limitsize": {
    snippet: "limitsize ${1:relation}(n=${2:100})",
    text: "the fixpoint stops at so many tuples",
  },
  ".functor": {
    snippet: "functor ${1:name}(${2:x}: ${3:number}): ${4:number}",
    text: "declares a functor that is implemented outside",
  },
  ".comp": { snippet: "comp ${1:Name} {\n  $0\n}", text: "declares a component" },
  ".init": { snippet: "init ${1:name} = ${2:Component}", text: "makes an instance of a component" },
  ".override": { snippet: "override ${1:relation}", text: "replaces the rules of a base" },
  ".pragma": { snippet: 'pragma "${1:key}" "${2:value}"', text: "sets an option" },
  ".plan": { snippet: "plan ${1:0}:(${2:1, 2})", text: "orders the atoms of the rule before it" },
  ".lattice": {
    snippet: "lattice ${1:Name}<> {\n  Bottom -> ${2:0},\n  Lub -> ${3:max(_, _)}\n}",
    text: "declares a lattice",
  },
  ".number_type": { snippet: "number_type ${1:Name}", text: "old form of `.type N <: number`" },
  ".symbol_type": { snippet: "symbol_type ${1:Name}", text: "old form of `.type N <: symbol`" },
  ".seal": {
    snippet: "seal ${1:relation}(${2:x}) :- ${3:body}.",
    text: "says that an input is complete for a key",
  },
  ".transaction": {
    snippet: "transaction ${1:name}(${2:x}: ${3:symbol}) {\n  $0\n}",
    text: "declares a transaction over ordered relations",
  },
  ".calm": { snippet: "calm ${1:monotone} ${2:relation}", text: "claims how it is coordinated" },
  ".expect": { snippet: "expect ${1:relation} { ($2) }", text: "what a relation is to hold" },
  ".include": { snippet: 'include "${1:file}.dl"', text: "reads another file here" },
};
