/** Random syntax trees, of every construct, from a seed. They are what a parser could have made:
 * bodies are flattened, a sign is folded into its literal, and so on. The file is longer than most
 * because it is the one list of all constructs. */
import { random, type Random } from "../../src/base/random.ts";
import type { Span } from "../../src/base/source.ts";
import {
  type Annotated,
  binaryOperators,
  type AtomNode,
  type AttributeNode,
  type BodyNode,
  type BranchDeclarationNode,
  type ClauseNode,
  functorNames,
  type HeadNode,
  type ItemNode,
  type NameNode,
  type QualifiedNameNode,
  qualifierWords,
  type SyntaxTree,
  type TermNode,
  type TypeDefinitionNode,
  type TypeNode,
} from "../../src/syntax/tree.ts";

const span: Span = { source: { path: "generated.dl", text: "" }, start: 0, end: 0 };

// calmdb's words are names as good as any.
const names = ["a", "b", "x", "?y", "_z", "Foo", "message", "partition", "ordered", "seal", "not"];
const strings = [
  "",
  "text",
  'a "quote"',
  "back\\slash",
  "line\nand\ttab",
  "\x07\b\f\r\v",
  "ä𝄞",
  "a.b",
];

/** Returns a program that is a function of the seed. */
export function generatedTree(seed: number): SyntaxTree {
  const maker = new Maker(random(seed));
  return { items: maker.some(() => maker.item(0), 1, 6), comments: [] };
}

class Maker {
  private readonly from: Random;

  constructor(from: Random) {
    this.from = from;
  }

  some<T>(make: () => T, low: number, high: number): T[] {
    return Array.from({ length: this.from.between(low, high) }, make);
  }

  item(depth: number): ItemNode {
    return this.annotated(this.bareItem(depth));
  }

  private bareItem(depth: number): ItemNode {
    const { from } = this;
    const makers: (() => ItemNode)[] = [
      () => this.clause(false),
      () => this.clause(false),
      () => ({
        kind: "subsumption",
        dominated: this.atom(2),
        dominating: this.atom(2),
        body: this.body(0),
        ...this.plan(),
        ...this.inside(),
        span,
      }),
      () => ({
        kind: "relation",
        names: this.some(() => this.name(), 1, 2),
        attributes: this.attributes(),
        qualifiers: this.some(() => this.qualifier(), 0, 2),
        choices: this.some(() => ({ keys: this.some(() => this.name(), 1, 2), span }), 0, 2),
        annotations: [],
        span,
      }),
      () => ({ kind: "debug-delta", name: this.name(), of: this.qualified(), span }),
      () => ({
        kind: "type",
        name: this.name(),
        definition: this.definition(),
        annotations: [],
        span,
      }),
      () => ({
        kind: "lattice",
        name: this.name(),
        members: this.some(() => ({ name: this.name(), value: this.term(2) }), 1, 3),
        span,
      }),
      () => ({
        kind: "functor",
        name: this.name(),
        parameters: this.some(
          () => {
            const named = from.chance(0.5) ? { name: this.name() } : {};
            return this.annotated({ ...named, type: this.type(0) });
          },
          0,
          3,
        ),
        result: this.type(0),
        stateful: from.chance(0.3),
        span,
      }),
      () => ({
        kind: "directive",
        word: from.pick(["input", "output", "printsize", "limitsize"]),
        relations: this.some(() => this.qualified(), 1, 2),
        parameters: this.some(() => this.setting(), 0, 2),
        span,
      }),
      () => ({ kind: "instance", name: this.name(), component: this.componentType(), span }),
      () => ({ kind: "override", name: this.name(), span }),
      () => ({
        kind: "pragma",
        key: from.pick(strings),
        ...(from.chance(0.5) ? { value: from.pick(strings) } : {}),
        span,
      }),
      () => ({
        kind: "seal",
        atom: this.atom(2),
        ...(from.chance(0.5) ? { body: this.body(1) } : {}),
        span,
      }),
      () => ({
        kind: "transaction",
        name: this.name(),
        parameters: this.attributes(),
        clauses: this.some(() => this.annotated(this.clause(true)), 0, 3),
        span,
      }),
      () =>
        from.pick<ItemNode>([
          { kind: "contract", claim: "monotone", relation: this.qualified(), span },
          {
            kind: "contract",
            claim: "ordered",
            relation: this.qualified(),
            reason: from.pick(strings),
            span,
          },
          { kind: "contract", claim: "coordinating", reason: from.pick(strings), span },
          { kind: "contract", claim: "level", level: this.name(), span },
        ]),
      () => ({
        kind: "expectation",
        relation: this.qualified(),
        tuples: this.some(() => ({ terms: this.some(() => this.term(2), 0, 3), span }), 0, 3),
        span,
      }),
    ];
    if (depth < 2)
      makers.push(() => ({
        kind: "component",
        type: this.componentType(),
        bases: this.some(() => this.componentType(), 0, 2),
        items: this.some(() => this.item(depth + 1), 0, 3),
        ...this.inside(),
        span,
      }));
    return from.pick(makers)();
  }

  private clause(inTransaction: boolean): ClauseNode {
    const { from } = this;
    const rule = from.chance(0.7);
    if (!rule)
      return {
        kind: "clause",
        heads: this.some(() => this.head(), 1, 1),
        operator: ":-",
        annotations: [],
        span,
      };
    const [first = this.head(), ...others] = this.some(() => this.head(), 1, 2);
    return {
      kind: "clause",
      heads: [first, ...others.map((head) => this.annotated(head))],
      operator: inTransaction ? ":-" : from.pick([":-", ":-", ":+", ":~"]),
      body: this.body(0),
      ...this.plan(),
      annotations: [],
      ...this.inside(),
      span,
    };
  }

  private head(): HeadNode {
    const { from } = this;
    return {
      atom: this.atom(1),
      ...(from.chance(0.2) ? { sign: from.pick(["+", "-"]) } : {}),
      ...(from.chance(0.2) ? { location: this.term(1) } : {}),
      span,
    };
  }

  private plan(): Pick<ClauseNode, "plan"> {
    if (!this.from.chance(0.2)) return {};
    const version = (): { version: number; order: number[]; span: Span } => {
      const order = this.some(() => this.from.between(1, 5), 0, 3);
      return { version: this.from.below(3), order, span };
    };
    return { plan: { versions: this.some(version, 1, 2), span } };
  }

  /** Puts annotations before a node now and then. */
  private annotated<T extends object>(node: T & Annotated): T {
    if (!this.from.chance(0.1)) return node;
    return { ...node, annotations: [this.annotation(false), ...(node.annotations ?? [])] };
  }

  /** Now and then what a node has inside. */
  private inside(): Annotated {
    return this.from.chance(0.1) ? { annotations: [this.annotation(true)] } : {};
  }

  private annotation(inner: boolean): { key: string; value: string; inner: boolean; span: Span } {
    const [key, value] = this.from.pick([
      ["key", ""],
      ["count", 'a ( "x" )'],
      ["inline", "[1, {2}]"],
      ["doc", inner ? "x" : "What it is: a thing."],
    ] as const);
    return { key, value, inner, span };
  }

  // ---- bodies ----

  private body(depth: number): BodyNode {
    const { from } = this;
    if (depth > 2 || from.chance(0.5)) return this.literal(depth);
    const kind = from.pick(["conjunction", "disjunction"] as const);
    const members = this.some(() => this.body(depth + 1), 2, 3);
    const flat = members.flatMap((member) => (member.kind === kind ? member.members : [member]));
    return { kind, members: flat, span };
  }

  private literal(depth: number): BodyNode {
    const { from } = this;
    const makers: (() => BodyNode)[] = [
      () => this.atom(depth),
      () => this.atom(depth),
      () => ({
        kind: "comparison",
        operator: from.pick(["=", "!=", "<", "<=", ">", ">="]),
        left: this.term(depth),
        right: this.term(depth),
        span,
      }),
      () => ({ kind: "boolean", value: from.chance(0.5), span }),
      () => ({
        kind: "test",
        word: from.pick(["match", "contains"]),
        left: this.term(2),
        right: this.term(2),
        span,
      }),
    ];
    if (depth < 3) makers.push(() => ({ kind: "negation", of: this.body(depth + 1), span }));
    return from.pick(makers)();
  }

  private atom(depth: number): AtomNode {
    const terms = this.some(() => this.term(depth), 0, 3);
    return { kind: "atom", relation: this.qualified(), terms, span };
  }

  // ---- terms ----

  private term(depth: number): TermNode {
    const { from } = this;
    const leaves: (() => TermNode)[] = [
      () => ({ kind: "variable", name: from.pick(names), span }),
      () => ({ kind: "variable", name: from.pick(names), span }),
      () => ({ kind: "anonymous", span }),
      () => ({ kind: "nil", span }),
      () => ({ kind: "string", value: from.pick(strings), span }),
      () => this.number(),
    ];
    if (depth > 3 || from.chance(0.4)) return from.pick(leaves)();
    const inner = (): TermNode => this.term(depth + 1);
    const terms = (low = 0): TermNode[] => this.some(inner, low, 3);
    const makers: (() => TermNode)[] = [
      () => ({ kind: "record", fields: terms(), span }),
      () => ({ kind: "branch", name: this.qualified(), fields: terms(), span }),
      () => this.unary(inner()),
      () => ({
        kind: "binary",
        operator: from.pick(binaryOperators.flat()),
        left: inner(),
        right: inner(),
        span,
      }),
      () => ({
        kind: "binary",
        operator: from.pick(["^", "-"]),
        left: inner(),
        right: inner(),
        span,
      }),
      () => {
        const name = from.pick(functorNames);
        const counter = name === "autoinc" || name === "recursive_iteration_cnt";
        const several = name === "min" || name === "max";
        return { kind: "functor", name, arguments: counter ? [] : terms(several ? 2 : 0), span };
      },
      () => ({ kind: "user-functor", name: this.name(), arguments: terms(), span }),
      () => ({ kind: "cast", of: inner(), type: this.type(0), span }),
      () => ({ kind: "aggregate", name: "count", body: this.body(depth + 1), span }),
      () => ({
        kind: "aggregate",
        name: from.pick(["sum", "min", "max", "mean"]),
        value: inner(),
        body: this.body(depth + 1),
        span,
      }),
      () => ({
        kind: "user-aggregate",
        name: this.name(),
        value: inner(),
        start: inner(),
        body: this.body(depth + 1),
        span,
      }),
    ];
    return from.pick(makers)();
  }

  private number(): TermNode {
    const { from } = this;
    const form = from.pick(["integer", "integer", "float", "ipv4"] as const);
    const digits = {
      integer: from.pick(["0", "1", "42", "0xFf", "0b101", "18446744073709551615"]),
      float: from.pick(["0.5", "12.250"]),
      ipv4: "127.0.0.1",
    }[form];
    const text = from.chance(0.3) ? `-${digits}` : digits;
    return { kind: "number", text, form, unsigned: form === "integer" && from.chance(0.2), span };
  }

  private unary(of: TermNode): TermNode {
    const operator = this.from.pick(["-", "bnot", "lnot"] as const);
    const folds = operator === "-" && of.kind === "number" && !of.text.startsWith("-");
    return folds ? { ...of, text: `-${of.text}` } : { kind: "unary", operator, of, span };
  }

  // ---- names and declarations ----

  private name(): NameNode {
    return { text: this.from.pick(names), span };
  }

  private qualified(): QualifiedNameNode {
    return { parts: this.some(() => this.name(), 1, this.from.chance(0.2) ? 3 : 1), span };
  }

  private type(depth: number): TypeNode {
    const name = this.qualified();
    if (depth > 1 || this.from.chance(0.8)) return { name, span };
    return { name, arguments: this.some(() => this.type(depth + 1), 0, 2), span };
  }

  private branchDeclaration(): BranchDeclarationNode {
    const name = this.name();
    return this.annotated({ name, fields: this.attributes(), ...this.inside(), span });
  }

  private attributes(): AttributeNode[] {
    return this.some(() => this.annotated({ name: this.name(), type: this.type(0), span }), 0, 3);
  }

  private qualifier(): {
    word: (typeof qualifierWords)[number];
    keys?: NameNode[];
    span: Span;
  } {
    const word = this.from.pick(qualifierWords);
    const keyed = word === "partition" || word === "ordered";
    return keyed ? { word, keys: this.some(() => this.name(), 1, 2), span } : { word, span };
  }

  private definition(): TypeDefinitionNode {
    return this.from.pick<() => TypeDefinitionNode>([
      () => ({ kind: "subset", of: this.type(0) }),
      () => ({ kind: "union", members: this.some(() => this.type(0), 1, 3) }),
      () => ({ kind: "record", fields: this.attributes() }),
      () => ({
        kind: "adt",
        branches: this.some(() => this.branchDeclaration(), 1, 3),
      }),
      () => ({ kind: "legacy", base: "symbol", word: ".type" }),
      () => ({ kind: "legacy", base: "symbol", word: ".symbol_type" }),
      () => ({ kind: "legacy", base: "number", word: ".number_type" }),
    ])();
  }

  private setting(): { key: NameNode; value: { text: string; quoted: boolean; span: Span } } {
    const quoted = this.from.chance(0.5);
    const text = quoted ? this.from.pick(strings) : this.from.pick(["x", "12", "true", "message"]);
    return { key: this.name(), value: { text, quoted, span } };
  }

  private componentType(): { name: NameNode; parameters: QualifiedNameNode[]; span: Span } {
    return { name: this.name(), parameters: this.some(() => this.qualified(), 0, 2), span };
  }
}
