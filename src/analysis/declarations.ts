// From the declarations and directives of a text to its relations.
import { assert } from "../base/assert.ts";
import type { Span } from "../base/source.ts";
import type {
  AttributeNode,
  DebugDeltaNode,
  DirectiveNode,
  NameNode,
  QualifiedNameNode,
  QualifierNode,
  RelationDeclarationNode,
  TransactionNode,
} from "../syntax/tree.ts";
import type { Domain } from "../value/schema.ts";
import type { Expansion } from "./components.ts";
import type { DeclaredAttribute, DeclaredRelation } from "./declared-relation.ts";
import type { Findings } from "./findings.ts";
import { FunctorNames } from "./functor-declarations.ts";
import { LatticeNames } from "./lattices.ts";
import { placeOf } from "./places.ts";
import type { Directive } from "./program.ts";
import { checkEquivalence, checkHeld, checkLattices, choiceKeys } from "./relation-kinds.ts";
import { TypeNames } from "./type-declarations.ts";
import { primitives } from "./type-system.ts";

/** What names of a text stand for, and what its directives say. */
export class Declarations {
  readonly domain: Domain;
  readonly findings: Findings;
  readonly types: TypeNames;
  readonly functors: FunctorNames;
  readonly lattices: LatticeNames;
  readonly relations: DeclaredRelation[] = [];
  readonly directives: Directive[] = [];
  /** Where the size of relations is printed. */
  private readonly printed = new Map<number, Span>();
  private readonly byName = new Map<string, DeclaredRelation>();
  private readonly hides: Expansion["hides"];
  private readonly inlineExclude: ReadonlySet<string>;

  /** `inlineExclude` names relations that are not inlined, whatever their declarations say. */
  constructor(
    expansion: Expansion,
    domain: Domain,
    findings: Findings,
    inlineExclude: ReadonlySet<string>,
  ) {
    const { items, hides } = expansion;
    this.inlineExclude = inlineExclude;
    this.domain = domain;
    this.findings = findings;
    this.hides = hides;
    this.types = new TypeNames(expansion, findings);
    this.functors = new FunctorNames(items, this.types, findings);
    this.lattices = new LatticeNames(items, this.types, this.functors, findings);
    for (const item of items) if (item.kind === "relation") this.declare(item);
    for (const item of items) if (item.kind === "debug-delta") this.declareHistory(item);
    for (const item of items) if (item.kind === "transaction") this.declareArguments(item);
    for (const item of items) {
      if (item.kind === "directive") this.direct(item);
      if (item.kind === "relation") this.directByQualifier(item);
    }
  }

  /** Returns the relation of this name; undefined where it is not declared. */
  find(name: string): DeclaredRelation | undefined {
    return this.byName.get(name);
  }

  /** Returns the relation of this name. Reports one that is not declared, unless what would declare
   * it was refused already. */
  relation(node: QualifiedNameNode): DeclaredRelation | undefined {
    const name = nameOf(node);
    const found = this.byName.get(name);
    if (found !== undefined) return found;
    if (this.hides(name, node.span)) return undefined;
    if (name === "Id" || name === "All") return this.addSystem(name, node.span);
    const near = this.findings.suggest(name, node.span, this.byName.keys());
    this.findings.error("unknown-relation", `relation "${name}" is not declared`, node.span, {
      label: "not declared",
      hint: near === undefined ? `declare it: \`.decl ${name}(…)\`` : `did you mean ${near}?`,
    });
    return undefined;
  }

  /** Returns the relation that tells of the keys of `relation` that are sealed. */
  sealed({ at, name, attributes, place, span }: DeclaredRelation): DeclaredRelation | undefined {
    const [key = []] = place?.partitions ?? [];
    const columns = key.flatMap((column) => attributes[column] ?? []);
    return this.made({ text: `#sealed ${name}`, span }, columns, {
      place: { seals: at },
    });
  }

  /** Returns a relation that no text names; the same one for the same name. */
  made(
    name: NameNode,
    attributes: readonly DeclaredAttribute[],
    details: Pick<DeclaredRelation, "place" | "called"> = {},
  ): DeclaredRelation | undefined {
    if (!this.byName.has(name.text)) {
      const kept = { inlined: false, equivalence: false, choices: [] };
      this.add(name, { attributes, ...kept, ...details });
    }
    return this.byName.get(name.text);
  }

  /** Returns the attributes of a relation, or the parameters of a transaction; reports names that
   * occur twice. */
  attributes(nodes: readonly AttributeNode[]): DeclaredAttribute[] {
    const names = new Map<string, Span>();
    for (const { name } of nodes) {
      const earlier = names.get(name.text);
      if (earlier !== undefined) {
        const message = `two attributes are named "${name.text}"`;
        const related = [{ span: earlier, text: "the first" }];
        this.findings.error("duplicate-attribute", message, name.span, { related });
      }
      names.set(name.text, name.span);
    }
    return nodes.map((node) => this.attribute(node));
  }

  /** Id and All are there without being declared. */
  private addSystem(text: "Id" | "All", span: Span): DeclaredRelation | undefined {
    const type = primitives.get("symbol");
    assert(type !== undefined, "symbol is a type");
    return this.made({ text, span }, [{ name: "node", type, typeName: "symbol" }], {
      place: { system: text },
    });
  }

  private declare(node: RelationDeclarationNode): void {
    const attributes = this.attributes(node.attributes);
    for (const qualifier of node.qualifiers) {
      this.checkQualifier(qualifier);
      if (qualifier.word === "eqrel")
        checkEquivalence(qualifier, attributes, node.choices, this.findings);
    }
    const choices = choiceKeys(node.choices, node.attributes, this.findings);
    const words = new Set(node.qualifiers.map(({ word }) => word));
    const inlined = words.has("inline") && !words.has("no_inline");
    const excluded = (name: string): boolean =>
      this.inlineExclude.has("*") || this.inlineExclude.has(name);
    const equivalence = words.has("eqrel");
    const magic = words.has("no_magic") ? false : words.has("magic") ? true : undefined;
    const place = placeOf(node, attributes, this.findings);
    const declared = {
      ...{ attributes, equivalence, choices },
      ...(magic !== undefined && { magic }),
      ...(place !== undefined && { place }),
    };
    for (const name of node.names)
      this.add(name, { ...declared, inlined: inlined && !excluded(name.text) });
  }

  private attribute({ name: { text: name }, type }: AttributeNode): DeclaredAttribute {
    const typeName = nameOf(type.name);
    if (type.arguments === undefined) return { name, type: this.types.type(type), typeName };
    const lattice = this.lattices.lattice(type);
    if (lattice === undefined) return { name, type: { name: typeName, kind: undefined }, typeName };
    return { name, type: lattice.type, typeName: lattice.name, lattice };
  }

  private add(
    { text: name, span }: NameNode,
    declared: Omit<DeclaredRelation, "at" | "name" | "span">,
  ): void {
    const earlier = this.byName.get(name);
    if (earlier !== undefined) {
      this.findings.error("duplicate-relation", `relation "${name}" is declared twice`, span, {
        label: "declared again",
        related: [{ span: earlier.span, text: "declared here" }],
      });
      return;
    }
    const relation = { ...declared, at: this.relations.length, name, span };
    checkHeld(relation, this.findings);
    checkLattices(relation, this.findings);
    this.relations.push(relation);
    this.byName.set(name, relation);
  }

  /** A transaction's arguments are a tuple of the relation of its name. */
  private declareArguments({ name, parameters }: TransactionNode): void {
    const attributes = this.attributes(parameters);
    for (const [at, { lattice, name: of }] of attributes.entries())
      if (lattice !== undefined)
        this.findings.error(
          "wrong-transaction",
          `parameter "${of}" is of a lattice: an argument is a value, which nothing joins`,
          parameters[at]?.span ?? name.span,
          { hint: "give it the type of the lattice's elements" },
        );
    const kept = { inlined: false, equivalence: false, choices: [] };
    const called = `transaction "${name.text}"`;
    this.add(name, { attributes, ...kept, called, place: { arguments: true } });
  }

  private declareHistory({ name, of }: DebugDeltaNode): void {
    const relation = this.relation(of);
    if (relation === undefined) return;
    if (relation.inlined || relation.equivalence) {
      const what = relation.inlined ? "inlined relation" : "equivalence";
      const message = `the ${what} "${relation.name}" has no history of tuples`;
      const related = [{ span: relation.span, text: "declared here" }];
      this.findings.error("wrong-history", message, of.span, { related });
    }
    const unsigned = primitives.get("unsigned") ?? { name: "unsigned", kind: "unsigned" };
    const round = { name: "iteration", type: unsigned, typeName: "unsigned" };
    const attributes = [...relation.attributes, round];
    const kept = { inlined: false, equivalence: false, choices: [] };
    this.add(name, { attributes, ...kept, historyOf: relation.at });
  }

  private checkQualifier({ word, span }: QualifierNode): void {
    switch (word) {
      case "input":
      case "output":
      case "printsize":
        this.findings.warning(
          "deprecated-qualifier",
          `\`${word}\` after a declaration is an old form`,
          span,
          { hint: `write the directive \`.${word}\`` },
        );
        return;
      // How tuples are kept changes no answer, and nothing can override outside of components;
      // where they are is looked at together.
      case "eqrel":
      case "overridable":
      case "inline":
      case "no_inline":
      case "magic":
      case "no_magic":
      case "brie":
      case "btree":
      case "btree_delete":
      case "message":
      case "event":
      case "memory":
      case "system":
      case "partition":
      case "snapshot":
      case "ordered":
        return;
    }
  }

  private directByQualifier({ names, qualifiers }: RelationDeclarationNode): void {
    for (const { word, span } of qualifiers) {
      if (word !== "input" && word !== "output" && word !== "printsize") continue;
      for (const { text } of names) {
        const relation = this.byName.get(text);
        if (relation !== undefined) this.addDirective(relation, word, new Map(), span);
      }
    }
  }

  private direct({ word, relations, parameters, span }: DirectiveNode): void {
    const values = new Map<string, string>();
    for (const { key, value } of parameters) {
      if (values.has(key.text)) {
        const message = `parameter "${key.text}" is given twice`;
        this.findings.error("malformed-directive", message, key.span);
      }
      values.set(key.text, value.text);
    }
    for (const name of relations) {
      const relation = this.relation(name);
      if (relation === undefined) continue;
      if (word === "limitsize") this.limit(relation, values.get("n"), span);
      else this.addDirective(relation, word, values, span);
    }
  }

  private addDirective(
    relation: DeclaredRelation,
    word: Directive["word"],
    parameters: ReadonlyMap<string, string>,
    span: Span,
  ): void {
    if (relation.inlined) {
      const message = `relation "${relation.name}" is inlined and has no tuples for \`.${word}\``;
      this.findings.error("inline-not-possible", message, span, {
        related: [{ span: relation.span, text: "declared `inline` here" }],
        hint: "drop `inline`",
      });
    }
    if (word === "printsize") {
      const earlier = this.printed.get(relation.at);
      this.printed.set(relation.at, earlier ?? span);
      if (earlier !== undefined) {
        const message = `the size of relation "${relation.name}" is printed already`;
        const related = [{ span: earlier, text: "the first" }];
        this.findings.error("duplicate-directive", message, span, { related });
        return;
      }
    }
    this.directives.push({ word, relation: relation.at, parameters, span });
  }

  private limit(relation: DeclaredRelation, text: string | undefined, span: Span): void {
    if (text === undefined || !/^[1-9]\d{0,14}$/.test(text)) {
      const message =
        text === undefined
          ? "`.limitsize` lacks its parameter `n`"
          : `\`n\` of \`.limitsize\` is a whole number from 1, not "${text}"`;
      const hint = `write \`.limitsize ${relation.name}(n=1000)\``;
      this.findings.error("malformed-directive", message, span, { hint });
    } else if (relation.limit !== undefined) {
      const message = `relation "${relation.name}" has a limit already`;
      this.findings.error("duplicate-directive", message, span);
    } else {
      relation.limit = Number(text);
    }
  }
}

/** Returns a qualified name as written. */
export function nameOf(node: QualifiedNameNode): string {
  return node.parts.map((part) => part.text).join(".");
}
