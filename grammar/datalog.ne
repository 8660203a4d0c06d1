# The grammar of calmdb's Datalog: Soufflé's language and, marked "calmdb", what is ours.
#
# This file is normative: a text is a program exactly if this grammar derives it, in exactly one
# way. It is not used at run time; the parser in src/syntax is held against it by tests. A text is
# meant as it is after the preprocessor. What needs meaning (names, types, arities, which qualifier
# goes with which) is not the grammar's business.
#
# Notation (nearley): "x" is a token with that text, %x any token of that type, X:? at most one,
# X:* any number, X:+ one or more, a macro m[X] is written where it is used with X put in.

@preprocessor module
@lexer lexer

@{%
// ---- Tokens ----
// At each place the longest match of any rule is the token; of equally long ones, the rule's that
// stands first. White space and comments separate tokens and mean nothing else.
const tokens = {
  space: /\s+/,
  // Not nested. Documentation comments (three slashes, or two and "!") are comments here: the
  // parser attaches those before an item to it as annotations.
  comment: /\/\/[^\n]*|\/\*[^]*?\*\//,
  // A directive's word has white space after it, on the same line. Soufflé's are directives wherever
  // they stand. Ours are words like any other, hence directives only where they do not continue a
  // name and where a name follows on the same line: neither in a.seal (x) nor in .output a.seal
  directive: new RegExp(
    "\\.(?:decl|functor|input|output|printsize|limitsize|type|comp|init|number_type|symbol_type" +
      "|override|pragma|plan|lattice)(?=[ \\t\\r\\v\\f])" +
      "|(?<![?\\w])\\.(?:seal|transaction|calm|expect)" +
      "(?=[ \\t\\r\\v\\f](?:[ \\t\\r\\v\\f]|/\\*(?:[^*\\n]|\\*(?!/))*\\*/)*[?a-zA-Z_])",
  ),
  // A lone "_" is not a word but the anonymous variable. Case carries no meaning. A word of the
  // list below is reserved, any other an identifier; calmdb adds nothing to the list.
  word: /choice-domain|[?a-zA-Z][?\w]*|_[?\w]+/,
  // An integer like any other; a number above 255 in it is an error.
  ipv4: /[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+/,
  // Without a sign (that is an operator) and without an exponent.
  float: /[0-9]+\.[0-9]+/,
  unsigned: /(?:0b[01]+|0x[0-9a-fA-F]+|[0-9]+)u/,
  integer: /0b[01]+|0x[0-9a-fA-F]+|[0-9]+/,
  // May hold line ends. Any other escape is an error.
  string: /"(?:[^"\\]|\\["'\\abfnrtv])*"/,
  bracket: /[()[\]{}]/,
  operator: /:-|:\+|:~|<:|<=|>=|!=|->|@!|[-|$+,:;.=!*^%<>@_]|\/(?![/*])/,
};

const reserved = new Set(
  (
    "as autoinc band bnot bor brie bshl bshr bshru btree btree_delete bxor cat choice-domain " +
    "contains count debug_delta eqrel false inline input land lnot lor lxor magic match max mean " +
    "min nil no_inline no_magic ord output overridable printsize range recursive_iteration_cnt " +
    "stateful strlen substr sum to_float to_number to_string to_unsigned true " +
    "__FILE__ __LINE__ __INCL__"
  ).split(" "),
);

const patterns = Object.entries(tokens).map(([type, { source }]) => [type, new RegExp(source, "y")]);

// What nearley asks of a lexer. `tokenAt` is the whole of it: the longest match at a place.
const lexer = {
  text: "",
  at: 0,
  tokenAt(text, at) {
    let longest;
    for (const [type, pattern] of patterns) {
      pattern.lastIndex = at;
      const match = pattern.exec(text)?.[0] ?? "";
      if (match.length > (longest?.text.length ?? 0)) longest = { type, text: match, at };
    }
    if (longest?.type === "ipv4" && longest.text.split(".").some((part) => part > 255)) return;
    if (longest?.type !== "word") return longest;
    return { ...longest, type: reserved.has(longest.text) ? "reserved" : "identifier" };
  },
  next() {
    while (this.at < this.text.length) {
      const token = this.tokenAt(this.text, this.at);
      if (token === undefined) throw new Error(`no token at offset ${this.at}`);
      this.at += token.text.length;
      if (token.type !== "space" && token.type !== "comment") return token;
    }
    return undefined;
  },
  reset(text) {
    this.text = text;
    this.at = 0;
  },
  save() {},
  formatError: (token, message) => `${message} at offset ${token.at}`,
  has: (type) => type in tokens || type === "reserved" || type === "identifier",
};
%}

# One or more, with commas between.
list[X] -> $X ("," $X):*

# ---- Programs ----

# A program is a sequence of items; their order carries no meaning.
program -> item:* annotation:*

# What stands at the top level and in a component.
item -> annotation:* declaration
      | annotation:* clause
      | annotation:* subsumption

# What begins with a directive's word.
declaration -> relation
             | debugDelta
             | type
             | lattice
             | functor
             | directive
             | component
             | instance
             | override
             | pragma
             | seal
             | transaction
             | contract
             | expectation

# The name of a thing: any word that is not reserved.
name -> %identifier

# A name within an instance of a component: a.b.r.
qualifiedName -> name ("." name):*

# ---- Annotations ----

# @[…] says something about what follows.
annotation -> "@" annotationBody

# @![…] says something about what it stands in, and opens it.
innerAnnotation -> "@!" annotationBody

# A key alone, or with any tokens whose brackets are balanced: [key = tokens], [key(tokens)].
annotationBody -> "[" word "]"
                | "[" word "=" tokenTree:+ "]"
                | "[" word bracketed "]"

word -> %identifier | %reserved

tokenTree -> word
           | %string | %integer | %unsigned | %float | %ipv4
           | %operator
           | %directive
           | bracketed

bracketed -> "(" tokenTree:* ")"
           | "[" tokenTree:* "]"
           | "{" tokenTree:* "}"

# ---- Relations ----

# .decl a, b(x: T, y: U) qualifiers choice-domain …: one or more relations of the same shape.
relation -> ".decl" list[name] "(" list[attribute]:? ")" qualifier:* choiceDomain:?

# x: T
attribute -> annotation:* name ":" typeName

# Soufflé's qualifiers are reserved words.
# calmdb's (message … ordered) are not: what follows a declaration is a qualifier unless it begins
# a clause, and a clause's first word is followed by "(" or "."; partition(…) and ordered(…) begin
# a clause if a clause goes on after them.
qualifier -> "input" | "output" | "printsize"
           | "overridable" | "inline" | "no_inline" | "magic" | "no_magic"
           | "brie" | "btree" | "btree_delete" | "eqrel"
           | "message" | "event" | "memory" | "system" | "snapshot"
           | "partition" "(" list[name] ")"
           | "ordered" "(" list[name] ")"

# These attributes determine the tuple: of several, the first to come is kept.
choiceDomain -> "choice-domain" list[choice]

choice -> name
        | "(" list[name] ")"

# .decl d = debug_delta(r): the tuples of r, each with the round that derived it.
debugDelta -> ".decl" name "=" "debug_delta" "(" qualifiedName ")"

# ---- Types ----

# A subtype, a union or alias, a record, an algebraic data type; the last three are old forms.
type -> ".type" name "<:" typeName
      | ".type" name "=" union
      | ".type" name "=" record
      | ".type" name "=" branches
      | ".type" name
      | ".number_type" name
      | ".symbol_type" name

# A type by name; lattices have arguments: Min<>, Map<symbol, Max<>> (calmdb).
typeName -> qualifiedName
          | qualifiedName "<" list[typeName]:? ">"

union -> typeName ("|" typeName):*

record -> "[" list[attribute]:? "]"

branches -> annotation:* branch ("|" annotation:* branch):*

branch -> name "{" innerAnnotation:* list[attribute]:? "}"

# .lattice T<> { Bottom -> 0, Lub -> @f(_, _) }
lattice -> ".lattice" name "<" ">" "{" list[latticeMember] "}"

latticeMember -> name "->" term

# .functor f(x: T, U): V stateful
functor -> ".functor" name "(" list[parameter]:? ")" ":" typeName "stateful":?

parameter -> annotation:* typeName
           | annotation:* name ":" typeName

# ---- Directives ----

# .input r, s(IO=file, headers=true)
directive -> (".input" | ".output" | ".printsize" | ".limitsize")
             list[qualifiedName] ("(" list[setting]:? ")"):?

setting -> name "=" settingValue

settingValue -> %string | name | %integer | "true" | "false"

# .pragma "option" "value"
pragma -> ".pragma" %string %string:?

# ---- Components ----

# .comp C<T> : Base<T>, Other { items }
component -> ".comp" componentName (":" list[componentName]):?
             "{" innerAnnotation:* item:* annotation:* "}"

componentName -> name ("<" list[qualifiedName] ">"):?

# .init x = C<number>
instance -> ".init" name "=" componentName

# .override r: the inherited rules of r do not count.
override -> ".override" name

# ---- calmdb's declarations ----

# .seal r(k) :- body. The key k of r is complete here.
seal -> ".seal" atom "."
      | ".seal" atom ":-" body "."

# .transaction t(x: T) { clauses }, where "abort" heads are atoms like any other.
transaction -> ".transaction" name "(" list[attribute]:? ")" "{" (annotation:* clause):* "}"

# What the author claims of a relation or of the program, for the checker to hold.
contract -> ".calm" "monotone" qualifiedName
          | ".calm" "ordered" qualifiedName %string
          | ".calm" "coordinating" %string
          | ".calm" "level" name

# .expect r { (1, 2), (2, 3) }: what a test wants r to hold.
expectation -> ".expect" qualifiedName "{" list[expectedTuple]:? "}"

expectedTuple -> "(" list[term]:? ")"

# ---- Clauses ----

# A fact, or a rule: each head holds when the body does.
clause -> head "."
        | heads when innerAnnotation:* body "." plan:?

# Annotations before the first head are the clause's.
heads -> head ("," annotation:* head):*

# In this step; calmdb: in the next step; at a later step, elsewhere too.
when -> ":-" | ":+" | ":~"

# An atom; calmdb: with "+" or "-" what is inserted or removed, with @n the node where it holds.
head -> ("+" | "-"):? atom ("@" term):?

# r(x, d1) <= r(x, d2) :- body. The first tuple goes where the second stays.
subsumption -> atom "<=" atom ":-" innerAnnotation:* body "." plan:?

# .plan 0:(2,1), 1:(1,2): for each version of a recursive rule the order of its atoms.
plan -> ".plan" list[planVersion]

planVersion -> %integer ":" "(" list[%integer]:? ")"

# ---- Bodies ----

# "," binds tighter than ";".
body -> conjunction (";" conjunction):*

conjunction -> list[literal]

literal -> atom
         | comparison
         | ("match" | "contains") "(" term "," term ")"
         | "true"
         | "false"
         | "(" body ")"
         | "!" literal

atom -> qualifiedName "(" list[term]:? ")"

# Comparisons relate terms; they are not terms, so they do not chain.
comparison -> term ("=" | "!=" | "<" | "<=" | ">" | ">=") term

# ---- Terms, the loosest binding first; all but "^" bind to the left ----

term -> term "lor" exclusive | exclusive

exclusive -> exclusive "lxor" both | both

both -> both "land" bitOr | bitOr

bitOr -> bitOr "bor" bitXor | bitXor

bitXor -> bitXor "bxor" bitAnd | bitAnd

bitAnd -> bitAnd "band" shift | shift

shift -> shift ("bshl" | "bshr" | "bshru") sum | sum

sum -> sum ("+" | "-") product | product

product -> product ("*" | "/" | "%") unary | unary

# Tighter than "*" and looser than "^": -x ^ 2 is -(x ^ 2), and 2 ^ -x is allowed.
unary -> ("-" | "bnot" | "lnot") unary | power

power -> primary "^" unary | primary

# A variable, a constant (of the text's place: its file, line and including files), a record, a
# branch of a data type, a cast, or what is computed.
primary -> name
         | "_"
         | "nil"
         | %integer | %unsigned | %float | %ipv4
         | %string
         | "__FILE__" | "__LINE__" | "__INCL__"
         | "(" term ")"
         | "[" list[term]:? "]"
         | "$" qualifiedName "(" list[term]:? ")"
         | "as" "(" term "," typeName ")"
         | call
         | aggregate

# Functors: the language's own, calmdb's of sets and maps, which are words like any other, counters
# (a lone "$" is the old autoinc()), and the user's.
call -> ("cat" | "ord" | "range" | "strlen" | "substr"
        | "to_float" | "to_number" | "to_string" | "to_unsigned") "(" list[term]:? ")"
      | ("singleton" | "size" | "at") "(" list[term]:? ")"
      | ("min" | "max") "(" term ("," term):+ ")"
      | "autoinc" "(" ")"
      | "recursive_iteration_cnt" "(" ")"
      | "$"
      | "@" name "(" list[term]:? ")"

# Over all bindings of the body; @@f is the user's, with a start value.
aggregate -> "count" ":" aggregateBody
           | ("sum" | "min" | "max" | "mean") term ":" aggregateBody
           | "@" "@" name term ":" term "," aggregateBody

aggregateBody -> atom
               | "{" body "}"
