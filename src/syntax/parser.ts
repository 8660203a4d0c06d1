// The parser of the whole language: the layer of declarations and items, on top of those of clauses,
// annotations, bodies, terms and recovery. Each rule builds its nodes; no tree of tokens stands
// between. The grammar is LL(1) but for the places that look further ahead by hand.
import type { ParserMethod, TokenType } from "chevrotain";

import type { Diagnostic } from "../base/diagnostic.ts";
import type { Span } from "../base/source.ts";
import { ClauseParser } from "./clause-parser.ts";
import type { Misfit, ParserInput } from "./recovering-parser.ts";
import type { Rule } from "./term-parser.ts";
import {
  At,
  Calm,
  ChoiceDomain,
  Colon,
  Comma,
  Comp,
  DebugDelta,
  Decl,
  Dot,
  Equals,
  Expect,
  FunctorDecl,
  Greater,
  Identifier,
  If,
  Init,
  InputDirective,
  Integer,
  isEnd,
  Later,
  LatticeDecl,
  LeftBrace,
  LeftBracket,
  LeftParen,
  Less,
  LessEqual,
  LimitsizeDirective,
  MapsTo,
  Next,
  NumberType,
  OutputDirective,
  Override,
  Pipe,
  Pragma,
  PrintsizeDirective,
  Qualifier,
  RightBrace,
  RightBracket,
  RightParen,
  Stateful,
  Subtype,
  SymbolType,
  Text,
  Truth,
  TypeDecl,
} from "./tokens.ts";
import type {
  AttributeNode,
  BranchDeclarationNode,
  ChoiceNode,
  ComponentNode,
  ComponentTypeNode,
  ContractNode,
  DebugDeltaNode,
  DirectiveNode,
  DirectiveParameterNode,
  ExpectationNode,
  FunctorDeclarationNode,
  InstanceNode,
  ItemNode,
  LatticeDeclarationNode,
  NameNode,
  OverrideNode,
  PragmaNode,
  QualifiedNameNode,
  QualifierNode,
  QualifierWord,
  RelationDeclarationNode,
  TermNode,
  TypeDeclarationNode,
  TypeDefinitionNode,
  TypeNode,
} from "./tree.ts";

/** What the parser made of tokens. */
export type Parsed = {
  readonly items: readonly ItemNode[];
  readonly diagnostics: readonly Diagnostic[];
  readonly misfits: readonly Misfit[];
};

/** The parser. One is enough for a process, it keeps nothing between texts but its tables. */
export class Parser extends ClauseParser {
  /** Builds the parser's tables; `validated` checks the grammar itself, which only tests need. */
  constructor(options: { validated: boolean }) {
    super(options.validated);
    this.performSelfAnalysis();
  }

  /** Returns what `input` is as a program. */
  parse(input: ParserInput): Parsed {
    this.restart(input);
    const items = this.program();
    return { items, diagnostics: this.found, misfits: this.misfits };
  }

  // program: item* annotations
  readonly program: Rule<ItemNode[]> = this.RULE("program", (): ItemNode[] => {
    const items: ItemNode[] = [];
    this.recovering(false, () => this.SUBRULE(this.item, { ARGS: [items] }));
    return items;
  });

  // item: annotations (declaration | clause)?
  // Annotations at the end of a text or component stand for themselves.
  private readonly item: ParserMethod<[items?: ItemNode[]], void> = this.RULE(
    "item",
    (items: ItemNode[] = []) => {
      this.leading = this.SUBRULE(this.annotations);
      if (this.leading.length > 0 && (isEnd(this.LA(1)) || this.nextIs(RightBrace))) return;
      items.push(this.OR({ DEF: this.itemKinds, ERR_MSG: "a declaration or a clause" }));
    },
  );

  private readonly itemKinds = [
    { ALT: (): ItemNode => this.SUBRULE(this.clause) },
    { ALT: (): ItemNode => this.SUBRULE(this.relation) },
    { ALT: (): ItemNode => this.SUBRULE(this.typeDeclaration) },
    { ALT: (): ItemNode => this.SUBRULE(this.legacyType) },
    { ALT: (): ItemNode => this.SUBRULE(this.lattice) },
    { ALT: (): ItemNode => this.SUBRULE(this.functorDeclaration) },
    { ALT: (): ItemNode => this.SUBRULE(this.directive) },
    { ALT: (): ItemNode => this.SUBRULE(this.component) },
    { ALT: (): ItemNode => this.SUBRULE(this.instance) },
    { ALT: (): ItemNode => this.SUBRULE(this.override) },
    { ALT: (): ItemNode => this.SUBRULE(this.pragma) },
    { ALT: (): ItemNode => this.SUBRULE(this.seal) },
    { ALT: (): ItemNode => this.SUBRULE(this.transaction) },
    { ALT: (): ItemNode => this.SUBRULE(this.contract) },
    { ALT: (): ItemNode => this.SUBRULE(this.expectation) },
  ];

  // ---- relations ----

  // relation: ".decl" name ("," name)* attributes qualifier* choices?
  //         | ".decl" name "=" "debug_delta" "(" qualifiedName ")"
  private readonly relation: Rule<RelationDeclarationNode | DebugDeltaNode> = this.RULE(
    "relation",
    (): RelationDeclarationNode | DebugDeltaNode => {
      const annotations = this.leading;
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
                annotations,
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
  private readonly typeDeclaration: Rule<TypeDeclarationNode> = this.RULE(
    "typeDeclaration",
    (): TypeDeclarationNode => {
      const annotations = this.leading;
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
      return { kind: "type", name, definition, annotations, span: this.since(start) };
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
      this.SUBRULE(this.annotations);
      const start = this.here();
      const name = this.SUBRULE(this.name);
      const fields: AttributeNode[] = [];
      this.CONSUME(LeftBrace);
      this.SUBRULE(this.innerAnnotations);
      this.MANY_SEP({
        SEP: Comma,
        DEF: () => fields.push(this.SUBRULE(this.annotatedAttribute)),
      });
      this.close(0, RightBrace);
      return { name, fields, span: this.since(start) };
    },
  );

  // legacyType: (".number_type" | ".symbol_type") name
  private readonly legacyType: Rule<TypeDeclarationNode> = this.RULE(
    "legacyType",
    (): TypeDeclarationNode => {
      const annotations = this.leading;
      const word = this.OR([
        { ALT: () => this.CONSUME(NumberType) },
        { ALT: () => this.CONSUME(SymbolType) },
      ]);
      const name = this.SUBRULE(this.name);
      const base = word.image === ".number_type" ? "number" : "symbol";
      const definition = { kind: "legacy", base, word: word.image } as const;
      return { kind: "type", name, definition, annotations, span: this.since(word.startOffset) };
    },
  );

  // lattice: ".lattice" name "<" ">" "{" member ("," member)* "}"
  // member: name "->" term
  private readonly lattice: Rule<LatticeDeclarationNode> = this.RULE(
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
  private readonly functorDeclaration: Rule<FunctorDeclarationNode> = this.RULE(
    "functorDeclaration",
    (): FunctorDeclarationNode => {
      const start = this.CONSUME(FunctorDecl).startOffset;
      const name = this.SUBRULE(this.name);
      const parameters: FunctorDeclarationNode["parameters"][number][] = [];
      this.CONSUME(LeftParen);
      this.MANY_SEP({
        SEP: Comma,
        DEF: () => {
          this.SUBRULE(this.annotations);
          const named = this.OPTION({
            GATE: () => this.nextIs(Colon, 2),
            DEF: () => {
              const parameter = this.SUBRULE1(this.name);
              this.CONSUME(Colon);
              return parameter;
            },
          });
          const type = this.SUBRULE(this.type);
          parameters.push(named === undefined ? { type } : { name: named, type });
        },
      });
      this.close(0, RightParen);
      this.CONSUME1(Colon);
      const result = this.SUBRULE1(this.type);
      const stateful = this.OPTION1(() => this.CONSUME(Stateful)) !== undefined;
      return { kind: "functor", name, parameters, result, stateful, span: this.since(start) };
    },
  );

  // ---- directives ----

  // directive: (".input" | …) qualifiedName ("," qualifiedName)* ("(" [setting ("," setting)*] ")")?
  private readonly directive: Rule<DirectiveNode> = this.RULE("directive", (): DirectiveNode => {
    const word = this.OR([
      { ALT: () => this.CONSUME(InputDirective) },
      { ALT: () => this.CONSUME(OutputDirective) },
      { ALT: () => this.CONSUME(PrintsizeDirective) },
      { ALT: () => this.CONSUME(LimitsizeDirective) },
    ]);
    const relations: QualifiedNameNode[] = [];
    const parameters: DirectiveParameterNode[] = [];
    this.AT_LEAST_ONE_SEP({
      SEP: Comma,
      DEF: () => relations.push(this.SUBRULE(this.qualifiedName)),
      ERR_MSG: "a relation's name",
    });
    this.OPTION(() => {
      this.CONSUME(LeftParen);
      this.MANY_SEP({ SEP: Comma, DEF: () => parameters.push(this.SUBRULE(this.setting)) });
      this.close(0, RightParen);
    });
    const name = this.ACTION(() => word.image.slice(1)) as DirectiveNode["word"];
    const span = this.since(word.startOffset);
    return { kind: "directive", word: name, relations, parameters, span };
  });

  // setting: name "=" (TEXT | name | INTEGER | "true" | "false")
  private readonly setting: Rule<DirectiveParameterNode> = this.RULE(
    "setting",
    (): DirectiveParameterNode => {
      const key = this.SUBRULE(this.name);
      this.CONSUME(Equals);
      const token = this.OR({
        DEF: [
          { ALT: () => this.CONSUME(Text) },
          { ALT: () => this.CONSUME(Identifier) },
          { ALT: () => this.CONSUME(Integer) },
          { ALT: () => this.CONSUME(Truth) },
        ],
        ERR_MSG: "a string, a name, a number, true or false",
      });
      return this.ACTION(() => {
        const quoted = token.tokenType === Text;
        const text = quoted ? this.stringOf(token) : token.image;
        return { key, value: { text, quoted, span: this.spanOf(token) } };
      });
    },
  );

  // pragma: ".pragma" TEXT TEXT?
  private readonly pragma: Rule<PragmaNode> = this.RULE("pragma", (): PragmaNode => {
    const start = this.CONSUME(Pragma).startOffset;
    const key = this.stringOf(this.CONSUME(Text));
    const value = this.OPTION(() => this.stringOf(this.CONSUME1(Text)));
    const span = this.since(start);
    return value === undefined
      ? { kind: "pragma", key, span }
      : { kind: "pragma", key, value, span };
  });

  // ---- components ----

  // component: ".comp" componentType (":" componentType ("," componentType)*)?
  //            "{" innerAnnotations item* "}"
  private readonly component: Rule<ComponentNode> = this.RULE("component", (): ComponentNode => {
    const start = this.CONSUME(Comp).startOffset;
    const type = this.SUBRULE(this.componentType);
    const bases: ComponentTypeNode[] = [];
    const items: ItemNode[] = [];
    this.OPTION(() => {
      this.CONSUME(Colon);
      this.AT_LEAST_ONE_SEP({
        SEP: Comma,
        DEF: () => bases.push(this.SUBRULE1(this.componentType)),
        ERR_MSG: "a component's name",
      });
    });
    this.CONSUME(LeftBrace);
    this.deepen();
    this.SUBRULE(this.innerAnnotations);
    this.recovering(true, () => this.SUBRULE(this.item, { ARGS: [items] }));
    this.surface();
    this.close(0, RightBrace);
    return { kind: "component", type, bases, items, span: this.since(start) };
  });

  // componentType: name ("<" qualifiedName ("," qualifiedName)* ">")?
  private readonly componentType: Rule<ComponentTypeNode> = this.RULE(
    "componentType",
    (): ComponentTypeNode => {
      const start = this.here();
      const name = this.SUBRULE(this.name);
      const parameters: QualifiedNameNode[] = [];
      this.OPTION(() => {
        this.CONSUME(Less);
        this.AT_LEAST_ONE_SEP({
          SEP: Comma,
          DEF: () => parameters.push(this.SUBRULE(this.qualifiedName)),
          ERR_MSG: "a type's name",
        });
        this.CONSUME(Greater);
      });
      return { name, parameters, span: this.since(start) };
    },
  );

  // instance: ".init" name "=" componentType
  private readonly instance: Rule<InstanceNode> = this.RULE("instance", (): InstanceNode => {
    const start = this.CONSUME(Init).startOffset;
    const name = this.SUBRULE(this.name);
    this.CONSUME(Equals);
    const component = this.SUBRULE(this.componentType);
    return { kind: "instance", name, component, span: this.since(start) };
  });

  // override: ".override" name
  private readonly override: Rule<OverrideNode> = this.RULE("override", (): OverrideNode => {
    const start = this.CONSUME(Override).startOffset;
    const name = this.SUBRULE(this.name);
    return { kind: "override", name, span: this.since(start) };
  });

  // ---- contracts and expectations ----

  // contract: ".calm" ("monotone" qualifiedName | "ordered" qualifiedName TEXT
  //                    | "coordinating" TEXT | "level" name)
  private readonly contract: Rule<ContractNode> = this.RULE("contract", (): ContractNode => {
    const start = this.CONSUME(Calm).startOffset;
    const claims = (word: ContractNode["claim"]): boolean => this.LA(1).image === word;
    const kind = "contract";
    return this.OR({
      DEF: [
        {
          GATE: () => claims("monotone"),
          ALT: (): ContractNode => {
            this.CONSUME(Identifier);
            const relation = this.SUBRULE(this.qualifiedName);
            return { kind, claim: "monotone", relation, span: this.since(start) };
          },
          IGNORE_AMBIGUITIES: true,
        },
        {
          GATE: () => claims("ordered"),
          ALT: (): ContractNode => {
            this.CONSUME1(Identifier);
            const relation = this.SUBRULE1(this.qualifiedName);
            const reason = this.stringOf(this.CONSUME(Text));
            return { kind, claim: "ordered", relation, reason, span: this.since(start) };
          },
          IGNORE_AMBIGUITIES: true,
        },
        {
          GATE: () => claims("coordinating"),
          ALT: (): ContractNode => {
            this.CONSUME2(Identifier);
            const reason = this.stringOf(this.CONSUME1(Text));
            return { kind, claim: "coordinating", reason, span: this.since(start) };
          },
          IGNORE_AMBIGUITIES: true,
        },
        {
          GATE: () => claims("level"),
          ALT: (): ContractNode => {
            this.CONSUME3(Identifier);
            const level = this.SUBRULE(this.name);
            return { kind, claim: "level", level, span: this.since(start) };
          },
          IGNORE_AMBIGUITIES: true,
        },
      ],
      ERR_MSG: '"monotone", "ordered", "coordinating" or "level"',
    });
  });

  // expectation: ".expect" qualifiedName "{" [tuple ("," tuple)*] "}"
  // tuple: "(" [term ("," term)*] ")"
  private readonly expectation: Rule<ExpectationNode> = this.RULE(
    "expectation",
    (): ExpectationNode => {
      const start = this.CONSUME(Expect).startOffset;
      const relation = this.SUBRULE(this.qualifiedName);
      const tuples: { readonly terms: readonly TermNode[]; readonly span: Span }[] = [];
      this.CONSUME(LeftBrace);
      this.MANY_SEP({
        SEP: Comma,
        DEF: () => {
          const at = this.here();
          const terms = this.SUBRULE(this.list);
          tuples.push({ terms, span: this.since(at) });
        },
      });
      this.close(0, RightBrace);
      return { kind: "expectation", relation, tuples, span: this.since(start) };
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
