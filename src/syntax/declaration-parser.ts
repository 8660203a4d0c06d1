// The parser's layer of declarations: relations, types, lattices and functors.
import type { TokenType } from "chevrotain";

import { annotated } from "./annotation-parser.ts";
import { ClauseParser } from "./clause-parser.ts";
import type { Rule } from "./term-parser.ts";
import {
  At,
  ChoiceDomain,
  Colon,
  Comma,
  DebugDelta,
  Decl,
  Dot,
  Equals,
  FunctorDecl,
  Greater,
  Identifier,
  If,
  Later,
  LatticeDecl,
  LeftBrace,
  LeftBracket,
  LeftParen,
  Less,
  LessEqual,
  MapsTo,
  Next,
  NumberType,
  Pipe,
  Qualifier,
  RightBrace,
  RightBracket,
  RightParen,
  Stateful,
  Subtype,
  SymbolType,
  TypeDecl,
} from "./tokens.ts";
import type {
  AttributeNode,
  BranchDeclarationNode,
  ChoiceNode,
  DebugDeltaNode,
  FunctorDeclarationNode,
  LatticeDeclarationNode,
  NameNode,
  QualifierNode,
  QualifierWord,
  RelationDeclarationNode,
  TypeDeclarationNode,
  TypeDefinitionNode,
  TypeNode,
} from "./tree.ts";

/** Reads declarations. */
export abstract class DeclarationParser extends ClauseParser {
  // ---- relations ----

  // relation: ".decl" name ("," name)* attributes qualifier* choices?
  //         | ".decl" name "=" "debug_delta" "(" qualifiedName ")"
  protected readonly relation: Rule<RelationDeclarationNode | DebugDeltaNode> = this.RULE(
    "relation",
    (): RelationDeclarationNode | DebugDeltaNode => {
      const start = this.CONSUME(Decl).startOffset;
      const name = this.SUBRULE(this.name);
      return this.OR<RelationDeclarationNode | DebugDeltaNode>({
        DEF: [
          {
            ALT: (): DebugDeltaNode => {
              this.CONSUME(Equals);
              this.CONSUME(DebugDelta);
              this.CONSUME(LeftParen);
              const of = this.SUBRULE(this.qualifiedName);
              this.close(0, RightParen);
              return { kind: "debug-delta", name, of, span: this.since(start) };
            },
          },
          {
            ALT: (): RelationDeclarationNode => {
              const names = [name];
              this.MANY(() => {
                this.CONSUME(Comma);
                names.push(this.SUBRULE1(this.name));
              });
              const attributes = this.SUBRULE(this.attributes);
              const qualifiers: QualifierNode[] = [];
              this.MANY1({
                GATE: () => this.qualifierFollows(),
                DEF: () => qualifiers.push(this.SUBRULE(this.qualifier)),
              });
              const choices = this.OPTION(() => this.SUBRULE(this.choices)) ?? [];
              const span = this.since(start);
              return {
                kind: "relation",
                names,
                attributes,
                qualifiers,
                choices,
                annotations: [],
                span,
              };
            },
          },
        ],
        ERR_MSG: '"(" and the attributes',
      });
    },
  );

  // qualifier: "input" | … | "message" | … | ("partition" | "ordered") names
  private readonly qualifier: Rule<QualifierNode> = this.RULE("qualifier", (): QualifierNode => {
    const start = this.here();
    const keyed = keyedQualifiers.has(this.LA(1).image);
    return this.OR([
      {
        GATE: () => !keyed,
        ALT: (): QualifierNode => {
          const token = this.OR1([
            { ALT: () => this.CONSUME(Qualifier) },
            { ALT: () => this.CONSUME(Identifier) },
          ]);
          return { word: token.image as QualifierWord, span: this.since(start) };
        },
        IGNORE_AMBIGUITIES: true,
      },
      {
        ALT: (): QualifierNode => {
          const word = this.CONSUME1(Identifier).image as QualifierWord;
          return { word, keys: this.SUBRULE(this.names), span: this.since(start) };
        },
        IGNORE_AMBIGUITIES: true,
      },
    ]);
  });

  // names: "(" name ("," name)* ")"
  private readonly names: Rule<NameNode[]> = this.RULE("names", (): NameNode[] => {
    const names: NameNode[] = [];
    this.CONSUME(LeftParen);
    this.AT_LEAST_ONE_SEP({
      SEP: Comma,
      DEF: () => names.push(this.SUBRULE(this.name)),
      ERR_MSG: "a name",
    });
    this.close(0, RightParen);
    return names;
  });

  // choices: "choice-domain" choice ("," choice)*
  // choice: name | names
  private readonly choices: Rule<ChoiceNode[]> = this.RULE("choices", (): ChoiceNode[] => {
    const choices: ChoiceNode[] = [];
    this.CONSUME(ChoiceDomain);
    this.AT_LEAST_ONE_SEP({
      SEP: Comma,
      DEF: () => {
        const start = this.here();
        const keys = this.OR([
          { ALT: () => [this.SUBRULE(this.name)] },
          { ALT: () => this.SUBRULE(this.names) },
        ]);
        choices.push({ keys, span: this.since(start) });
      },
      ERR_MSG: "an attribute's name",
    });
    return choices;
  });

  // ---- types ----

  // typeDeclaration: ".type" name ("<:" type | "=" definition)?
  protected readonly typeDeclaration: Rule<TypeDeclarationNode> = this.RULE(
    "typeDeclaration",
    (): TypeDeclarationNode => {
      const start = this.CONSUME(TypeDecl).startOffset;
      const name = this.SUBRULE(this.name);
      let definition: TypeDefinitionNode = { kind: "legacy", base: "symbol", word: ".type" };
      this.OPTION(() => {
        definition = this.OR([
          {
            ALT: (): TypeDefinitionNode => {
              this.CONSUME(Subtype);
              return { kind: "subset", of: this.SUBRULE(this.type) };
            },
          },
          {
            ALT: () => {
              this.CONSUME(Equals);
              return this.SUBRULE(this.typeDefinition);
            },
          },
        ]);
      });
      return { kind: "type", name, definition, annotations: [], span: this.since(start) };
    },
  );

  // typeDefinition: "[" [attribute ("," attribute)*] "]"
  //               | annotations branch ("|" annotations branch)*
  //               | type ("|" type)*
  private readonly typeDefinition: Rule<TypeDefinitionNode> = this.RULE(
    "typeDefinition",
    (): TypeDefinitionNode =>
      this.OR({
        DEF: [
          {
            ALT: (): TypeDefinitionNode => {
              const fields: AttributeNode[] = [];
              this.CONSUME(LeftBracket);
              this.MANY_SEP({
                SEP: Comma,
                DEF: () => fields.push(this.SUBRULE(this.annotatedAttribute)),
              });
              this.close(0, RightBracket);
              return { kind: "record", fields };
            },
          },
          {
            GATE: () => this.nextIs(At) || this.nextIs(LeftBrace, 2),
            ALT: (): TypeDefinitionNode => {
              const branches: BranchDeclarationNode[] = [];
              this.AT_LEAST_ONE_SEP({
                SEP: Pipe,
                DEF: () => branches.push(this.SUBRULE(this.branchDeclaration)),
                ERR_MSG: "a branch",
              });
              return { kind: "adt", branches };
            },
            IGNORE_AMBIGUITIES: true,
          },
          {
            ALT: (): TypeDefinitionNode => {
              const members: TypeNode[] = [];
              this.AT_LEAST_ONE_SEP1({
                SEP: Pipe,
                DEF: () => members.push(this.SUBRULE(this.type)),
                ERR_MSG: "a type",
              });
              return { kind: "union", members };
            },
            IGNORE_AMBIGUITIES: true,
          },
        ],
        ERR_MSG: "a type, a record type or branches",
      }),
  );

  // branchDeclaration: annotations name "{" innerAnnotations [attribute ("," attribute)*] "}"
  private readonly branchDeclaration: Rule<BranchDeclarationNode> = this.RULE(
    "branchDeclaration",
    (): BranchDeclarationNode => {
      const outer = this.SUBRULE(this.annotations);
      const start = this.here();
      const name = this.SUBRULE(this.name);
      const fields: AttributeNode[] = [];
      this.CONSUME(LeftBrace);
      const inner = this.SUBRULE(this.innerAnnotations);
      this.MANY_SEP({
        SEP: Comma,
        DEF: () => fields.push(this.SUBRULE(this.annotatedAttribute)),
      });
      this.close(0, RightBrace);
      const span = this.since(start);
      return this.ACTION(() => annotated([...outer, ...inner], { name, fields, span }));
    },
  );

  // legacyType: (".number_type" | ".symbol_type") name
  protected readonly legacyType: Rule<TypeDeclarationNode> = this.RULE(
    "legacyType",
    (): TypeDeclarationNode => {
      const word = this.OR([
        { ALT: () => this.CONSUME(NumberType) },
        { ALT: () => this.CONSUME(SymbolType) },
      ]);
      const name = this.SUBRULE(this.name);
      const base = word.image === ".number_type" ? "number" : "symbol";
      const definition = { kind: "legacy", base, word: word.image } as const;
      const span = this.since(word.startOffset);
      return { kind: "type", name, definition, annotations: [], span };
    },
  );

  // lattice: ".lattice" name "<" ">" "{" member ("," member)* "}"
  // member: name "->" term
  protected readonly lattice: Rule<LatticeDeclarationNode> = this.RULE(
    "lattice",
    (): LatticeDeclarationNode => {
      const start = this.CONSUME(LatticeDecl).startOffset;
      const name = this.SUBRULE(this.name);
      const members: LatticeDeclarationNode["members"][number][] = [];
      this.CONSUME(Less);
      this.CONSUME(Greater);
      this.CONSUME(LeftBrace);
      this.AT_LEAST_ONE_SEP({
        SEP: Comma,
        DEF: () => {
          const member = this.SUBRULE1(this.name);
          this.CONSUME(MapsTo);
          members.push({ name: member, value: this.SUBRULE(this.term) });
        },
        ERR_MSG: "a member of the lattice",
      });
      this.close(0, RightBrace);
      return { kind: "lattice", name, members, span: this.since(start) };
    },
  );

  // functorDeclaration: ".functor" name "(" [parameter ("," parameter)*] ")" ":" type "stateful"?
  // parameter: annotations (name ":")? type
  protected readonly functorDeclaration: Rule<FunctorDeclarationNode> = this.RULE(
    "functorDeclaration",
    (): FunctorDeclarationNode => {
      const start = this.CONSUME(FunctorDecl).startOffset;
      const name = this.SUBRULE(this.name);
      const parameters: FunctorDeclarationNode["parameters"][number][] = [];
      this.CONSUME(LeftParen);
      this.MANY_SEP({
        SEP: Comma,
        DEF: () => {
          const annotations = this.SUBRULE(this.annotations);
          const named = this.OPTION({
            GATE: () => this.nextIs(Colon, 2),
            DEF: () => {
              const parameter = this.SUBRULE1(this.name);
              this.CONSUME(Colon);
              return parameter;
            },
          });
          const type = this.SUBRULE(this.type);
          const parameter = named === undefined ? { type } : { name: named, type };
          this.ACTION(() => parameters.push(annotated(annotations, parameter)));
        },
      });
      this.close(0, RightParen);
      this.CONSUME1(Colon);
      const result = this.SUBRULE1(this.type);
      const stateful = this.OPTION1(() => this.CONSUME(Stateful)) !== undefined;
      return { kind: "functor", name, parameters, result, stateful, span: this.since(start) };
    },
  );

  // ---- what one token of lookahead cannot tell ----

  /** Whether the next word is a qualifier. calmdb's are also names: what is followed by `(` or `.`
   * begins a clause, but for `partition(x)` and `ordered(x)` after which no clause goes on. */
  private qualifierFollows(): boolean {
    const token = this.LA(1);
    if (token.tokenType !== Identifier) return true;
    if (plainQualifiers.has(token.image)) return !this.nextIs(LeftParen, 2) && !this.nextIs(Dot, 2);
    if (!keyedQualifiers.has(token.image)) return false;
    if (!this.nextIs(LeftParen, 2)) return !this.nextIs(Dot, 2);
    const after = this.pastParens(2);
    if (!this.nextIs(At, after)) return !clauseContinues.has(this.LA(after).tokenType);
    // `@[…]` is an annotation of what follows, or a location in front of a clause's rest.
    if (!this.nextIs(LeftBracket, after + 1)) return false;
    return !clauseContinues.has(this.LA(this.pastParens(after + 1)).tokenType);
  }
}

const plainQualifiers = new Set(["message", "event", "memory", "system", "snapshot"]);
const keyedQualifiers = new Set(["partition", "ordered"]);

/** What goes on after a head. */
const clauseContinues: ReadonlySet<TokenType> = new Set([Dot, Comma, If, Next, Later, LessEqual]);
