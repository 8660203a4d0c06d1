// The parser of the whole language: the layer of items, on top of those of declarations, clauses,
// annotations, bodies, terms and recovery. The layers are subclasses because Chevrotain keeps rules
// as fields of one object. Each rule builds its nodes; no tree of tokens stands between. The
// grammar is LL(1) but for the places that look further ahead by hand.
import type { ParserMethod } from "chevrotain";

import type { Diagnostic } from "../base/diagnostic.ts";
import type { Span } from "../base/source.ts";
import { annotated } from "./annotation-parser.ts";
import { DeclarationParser } from "./declaration-parser.ts";
import type { Misfit, ParserInput } from "./recovering-parser.ts";
import type { Rule } from "./term-parser.ts";
import {
  Calm,
  Colon,
  Comma,
  Comp,
  Equals,
  Expect,
  Greater,
  Identifier,
  Init,
  InputDirective,
  Integer,
  isEnd,
  LeftBrace,
  LeftParen,
  Less,
  LimitsizeDirective,
  OutputDirective,
  Override,
  Pragma,
  PrintsizeDirective,
  RightBrace,
  RightParen,
  Text,
  Truth,
} from "./tokens.ts";
import type {
  AnnotationNode,
  ComponentNode,
  ComponentTypeNode,
  ContractNode,
  DirectiveNode,
  DirectiveParameterNode,
  ExpectationNode,
  InstanceNode,
  ItemNode,
  OverrideNode,
  PragmaNode,
  QualifiedNameNode,
  TermNode,
} from "./tree.ts";

/** What the parser made of tokens; `warnings` are of annotations that belong to nothing. */
export type Parsed = {
  readonly items: readonly ItemNode[];
  readonly diagnostics: readonly Diagnostic[];
  readonly warnings: readonly Diagnostic[];
  readonly misfits: readonly Misfit[];
};

/** The parser. One is enough for a process, it keeps nothing between texts but its tables. */
export class Parser extends DeclarationParser {
  /** Defines the grammar; `validated` has Chevrotain analyse and check it, as tests do. */
  constructor(options: { validated: boolean }) {
    super(options.validated);
    if (options.validated) this.performSelfAnalysis();
    else this.prepared();
  }

  /** Returns what `input` is as a program. */
  parse(input: ParserInput): Parsed {
    this.restart(input);
    const items = this.program();
    return { items, diagnostics: this.found, warnings: this.remarks, misfits: this.misfits };
  }

  // program: item* annotations
  readonly program: Rule<ItemNode[]> = this.RULE("program", (): ItemNode[] => {
    const items: ItemNode[] = [];
    this.recovering(false, () => this.SUBRULE(this.item, { ARGS: [items] }));
    this.dangleComments("at the end of the text");
    return items;
  });

  // item: annotations (declaration | clause)?
  // Annotations at the end of a text or component stand for themselves.
  private readonly item: ParserMethod<[items?: ItemNode[]], void> = this.RULE(
    "item",
    (items: ItemNode[] = []) => {
      const leading = this.SUBRULE(this.annotations);
      if (leading.length > 0 && (isEnd(this.LA(1)) || this.nextIs(RightBrace))) {
        this.dangle(leading, `at the end of ${isEnd(this.LA(1)) ? "the text" : "a component"}`);
        return;
      }
      const item = this.OR({ DEF: this.itemKinds, ERR_MSG: "a declaration or a clause" });
      this.ACTION(() => items.push(annotated(this.ofOneFile(leading, item), item)));
    },
  );

  /** Returns the annotations before an item that stand in its file, and warns of the others. */
  private ofOneFile(annotations: readonly AnnotationNode[], item: ItemNode): AnnotationNode[] {
    const [own, others]: [AnnotationNode[], AnnotationNode[]] = [[], []];
    for (const annotation of annotations)
      (annotation.span.source === item.span.source ? own : others).push(annotation);
    this.dangle(others, "before another file");
    return own;
  }

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

  // ---- directives ----

  // directive: (".input" | …) qualifiedName ("," qualifiedName)* settings?
  // settings: "(" [setting ("," setting)*] ")"
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
    const annotations = this.SUBRULE(this.innerAnnotations);
    this.recovering(true, () => this.SUBRULE(this.item, { ARGS: [items] }));
    this.dangleComments("at the end of a component");
    this.surface();
    this.close(0, RightBrace);
    const span = this.since(start);
    return this.ACTION(() =>
      annotated(annotations, { kind: "component", type, bases, items, span }),
    );
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
}
