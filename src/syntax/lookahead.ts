// What may begin each alternative and each optional part of the grammar, as Chevrotain finds it.
// Written by `UPDATE=1 npx mocha test/syntax/lookahead.test.ts`, which fails where it is wrong.

/** Returns the names of the token types that may begin each alternative at a place of the grammar,
 * or, as the only one, an optional part. A place is a rule, a method of Chevrotain's, and which of
 * the rule's calls of that. */
export function lookahead(place: string): readonly (readonly string[])[] {
  return (places ??= read(table)).get(place) ?? [];
}

let places: ReadonlyMap<string, readonly (readonly string[])[]> | undefined;

/** Reads lines of `place: type type | type`; what is indented continues the line before. */
function read(text: string): ReadonlyMap<string, readonly (readonly string[])[]> {
  const lines = text.trim().split(/\n(?! )/);
  return new Map(
    lines.map((line) => {
      const [place = "", starts = ""] = line.split(": ");
      return [place, starts.split("|").map((names) => names.trim().split(/\s+/))];
    }),
  );
}

const table = `
aggregateBody OR0: LeftBrace | Identifier
annotations MANY0: At
attributes MANY_SEP0: At Identifier
body MANY0: Semicolon
branch OPTION0: Identifier
branchDeclaration MANY_SEP0: At Identifier
choices AT_LEAST_ONE_SEP0: Identifier LeftParen
choices OR0: Identifier | LeftParen
clause MANY0: Comma
clause OR0: Dot | LessEqual | If Later Next
clauseOperator OR0: If | Next | Later
component AT_LEAST_ONE_SEP0: Identifier
component MANY0: .calm .comp .decl .expect .functor .init .input .lattice .limitsize .number_type
  .output .override .pragma .printsize .seal .symbol_type .transaction .type At Identifier Minus
  Plus
component OPTION0: Colon
componentType AT_LEAST_ONE_SEP0: Identifier
componentType OPTION0: Less
conjunction MANY0: Comma
contract OR0: Identifier | Identifier | Identifier | Identifier
custom OR0: Identifier | At
directive AT_LEAST_ONE_SEP0: Identifier
directive MANY_SEP0: Identifier
directive OPTION0: LeftParen
directive OR0: .input | .output | .printsize | .limitsize
expectation MANY_SEP0: LeftParen
extremum OR0: LeftParen | AS Aggregate At BNOT BuiltIn COUNT Counter Dollar Extremum Float
  Identifier Integer Ipv4 LNOT LeftBracket LeftParen Minus NIL Place Text Underscore Unsigned
functorDeclaration MANY_SEP0: At Identifier
functorDeclaration OPTION0: Identifier
functorDeclaration OPTION1: STATEFUL
head OPTION0: Minus Plus
head OPTION1: At
head OR0: Plus | Minus
innerAnnotations MANY0: AtBang
item OR0: Identifier Minus Plus | .decl | .type | .number_type .symbol_type | .lattice | .functor |
  .input .limitsize .output .printsize | .comp | .init | .override | .pragma | .seal | .transaction
  | .calm | .expect
lattice AT_LEAST_ONE_SEP0: Identifier
legacyType OR0: .number_type | .symbol_type
list MANY_SEP0: AS Aggregate At BNOT BuiltIn COUNT Counter Dollar Extremum Float Identifier Integer
  Ipv4 LNOT LeftBracket LeftParen Minus NIL Place Text Underscore Unsigned
literal MANY0: Exclamation
literal OR0: Identifier | LeftParen | Test | Truth | AS Aggregate At BNOT BuiltIn COUNT Counter
  Dollar Extremum Float Identifier Integer Ipv4 LNOT LeftBracket LeftParen Minus NIL Place Text
  Underscore Unsigned
named OPTION0: LeftParen
names AT_LEAST_ONE_SEP0: Identifier
operand OR0: Identifier | Text | Integer | Unsigned | Float | Ipv4 | Place | Underscore | NIL |
  LeftParen | LeftBracket | Dollar | AS | BuiltIn | Counter | At | Extremum | Aggregate | COUNT
plan AT_LEAST_ONE_SEP0: Integer
pragma OPTION0: Text
prefix OR0: Minus | BNOT | LNOT
program MANY0: .calm .comp .decl .expect .functor .init .input .lattice .limitsize .number_type
  .output .override .pragma .printsize .seal .symbol_type .transaction .type At Identifier Minus
  Plus
qualifiedName MANY0: Dot
qualifier OR0: Identifier Qualifier | Identifier
qualifier OR1: Qualifier | Identifier
record MANY_SEP0: AS Aggregate At BNOT BuiltIn COUNT Counter Dollar Extremum Float Identifier
  Integer Ipv4 LNOT LeftBracket LeftParen Minus NIL Place Text Underscore Unsigned
relation MANY0: Comma
relation MANY1: Identifier Qualifier
relation OPTION0: ChoiceDomain
relation OR0: Equals | Comma LeftParen
ruleBody OPTION0: .plan
seal OPTION0: If
setting OR0: Text | Identifier | Integer | Truth
term MANY0: BNOT LNOT Minus
term MANY1: BinaryOperator
term MANY2: BNOT LNOT Minus
transaction MANY0: At Identifier Minus Plus
type MANY_SEP0: Identifier
type OPTION0: Less
typeDeclaration OPTION0: Equals Subtype
typeDeclaration OR0: Subtype | Equals
typeDefinition AT_LEAST_ONE_SEP0: At Identifier
typeDefinition AT_LEAST_ONE_SEP1: Identifier
typeDefinition MANY_SEP0: At Identifier
typeDefinition OR0: LeftBracket | At Identifier | Identifier
version MANY_SEP0: Integer
`;
