// From one head and one conjunction of a clause to a draft of a rule: names become variables and
// relations, aggregates and ranges become literals of their own, kinds are inferred as far as the
// rule says. The file is long for one reason: it is one class, whose methods share a rule's scope.
import { assert } from "../base/assert.ts";
import { type Span, textOf } from "../base/source.ts";
import type {
  AggregateNode,
  AtomNode,
  ComparisonNode,
  FunctorNode,
  HeadNode,
  PlanNode,
  TermNode,
  UserAggregateNode,
  UserFunctorNode,
} from "../syntax/tree.ts";
import { type Functor, functors } from "../value/operator.ts";
import { kindClass, structured } from "../value/schema.ts";
import { literalKinds } from "./constants.ts";
import type { Declarations } from "./declarations.ts";
import { type DeclaredRelation, inWords } from "./declared-relation.ts";
import { disjuncts, type LiteralNode } from "./disjunction.ts";
import type { DraftLiteral, DraftRule, DraftTerm, DraftVariable } from "./draft.ts";
import type { Findings } from "./findings.ts";
import { Inference } from "./inference.ts";
import { type ClassAt, everyKind, Kinds, kindSet, kindsInWords, numericKinds } from "./kinds.ts";
import { functorOf, opposite, plus } from "./operators.ts";
import type { DeclaredFunctor } from "./functor-declarations.ts";
import { CollectionTypes } from "./collection-types.ts";
import { RecordTypes } from "./record-types.ts";
import { Scope } from "./scope.ts";

/** What a rule is drafted from: one of a clause's heads and one of its body's conjunctions. */
export type RuleNode = {
  readonly head: HeadNode;
  readonly when?: "next" | "later";
  readonly literals: readonly LiteralNode[];
  readonly plan: PlanNode | undefined;
  readonly span: Span;
};

/** A user-defined aggregate whose functor has been looked up. */
type FoldNode = Omit<UserAggregateNode, "name"> & { readonly name: "fold" };

/** Returns the draft of a rule and reports what is wrong with its names and kinds. Undefined where
 * a part of it had to be left out, so that nothing more can be said about the rest. */
export function draftRule(node: RuleNode, declarations: Declarations): DraftRule | undefined {
  return new Draft(declarations).rule(node);
}

class Draft {
  private readonly declarations: Declarations;
  private readonly findings: Findings;
  private readonly kinds = new Kinds();
  private readonly variables: DraftVariable[] = [];
  private readonly inference: Inference;
  private scope = this.scopeIn(undefined);
  private body: DraftLiteral[] = [];
  private readonly records: RecordTypes;
  private readonly collections: CollectionTypes;
  private complete = true;

  constructor(declarations: Declarations) {
    this.declarations = declarations;
    this.findings = declarations.findings;
    this.inference = new Inference(this.kinds, this.variables, this.findings);
    const { kinds, inference } = this;
    this.records = new RecordTypes(kinds, inference, declarations);
    this.collections = new CollectionTypes(kinds, this.records, inference, declarations);
  }

  rule({ head, when, literals, plan, span }: RuleNode): DraftRule | undefined {
    const { location: place } = head;
    this.scope.addTerms(place === undefined ? head.atom.terms : [...head.atom.terms, place]);
    this.scope.addLiterals(literals);
    for (const literal of literals) this.literal(literal);
    const relation = this.relationOf(head.atom);
    const terms = head.atom.terms.map((term) => this.operand(term));
    if (relation !== undefined) this.matchAttributes(relation, terms);
    const location = place === undefined ? undefined : this.operand(place);
    if (location !== undefined)
      this.inference.restrict(location, kindSet(["symbol"]), "the name of a node is a symbol");
    const typed = this.records.found() && this.collections.complete;
    if (!typed || relation === undefined || !this.complete) return undefined;
    const { kinds, variables, body } = this;
    return {
      ...{ kinds, variables, head: { relation, terms }, headSpan: head.span, body, plan, span },
      ...(when !== undefined && { when }),
      ...(head.sign === "-" && { removes: true }),
      ...(location !== undefined && { location }),
    };
  }

  // ---- literals ----

  private literal({ node, negated }: LiteralNode): void {
    const { span } = node;
    switch (node.kind) {
      case "boolean":
        this.body.push({ kind: "boolean", value: node.value !== negated, span });
        return;
      case "test": {
        const [left, right] = [this.operand(node.left), this.operand(node.right)];
        const symbols = (): void => {
          const reason = `both sides of \`${node.word}\` are symbols`;
          for (const side of [left, right])
            this.inference.restrict(side, kindSet(["symbol"]), reason);
        };
        if (node.word === "contains") this.collections.contains(left, right, symbols);
        else symbols();
        this.body.push({ kind: "test", word: node.word, negated, left, right, span });
        return;
      }
      case "atom": {
        const relation = this.relationOf(node);
        const terms = node.terms.map((term) => {
          if (term.kind === "anonymous") return this.anonymous(term.span);
          return negated ? this.operand(term) : this.pattern(term);
        });
        if (relation === undefined) return;
        this.matchAttributes(relation, terms);
        this.body.push({ kind: negated ? "negation" : "atom", relation, terms, span });
        return;
      }
      case "comparison":
        this.comparison(node, negated);
    }
  }

  private comparison(node: ComparisonNode, negated: boolean): void {
    const operator = negated ? opposite[node.operator] : node.operator;
    if (operator === "=") {
      // `_ = e` asks only whether there is a value, as an aggregate may have none.
      const sides = [node.left, node.right];
      const other = sides.find((_, at) => sides[1 - at]?.kind === "anonymous");
      if (other !== undefined) return void this.operand(other);
      if (this.bindsDirectly(node.left, node.right)) return;
      if (this.bindsDirectly(node.right, node.left)) return;
    }
    const side = (of: TermNode) => (operator === "=" ? this.pattern(of) : this.operand(of));
    const [left, right] = [side(node.left), side(node.right)];
    this.inference.unify(left, right, `the sides of \`${node.operator}\``);
    if (operator !== "=" && operator !== "!=") {
      for (const of of [left, right]) {
        const message = `what \`${node.operator}\` orders is a number or a symbol`;
        if (!this.inference.restrict(of, everyKind & ~kindSet(["record"]), message)) return;
      }
    }
    this.body.push({ kind: "comparison", operator, left, right, span: node.span });
  }

  /** Takes `x = range(…)` and `n = count : { … }` in one where nothing else binds the variable. */
  private bindsDirectly(target: TermNode, value: TermNode): boolean {
    if (target.kind !== "variable" || !this.scope.boundOnce(target.name)) return false;
    const ranges = value.kind === "functor" && value.name === "range";
    if (value.kind !== "aggregate" && !ranges) return false;
    const left = this.operand(target);
    if (left.kind !== "variable") return false;
    const right =
      value.kind === "aggregate"
        ? this.aggregate(value, { name: target.name, variable: left.variable })
        : this.range(value, left.variable);
    this.inference.unify(left, right, "the sides of `=`");
    return true;
  }

  private relationOf(atom: AtomNode): DeclaredRelation | undefined {
    const relation = this.declarations.relation(atom.relation);
    if (relation === undefined) {
      this.complete = false;
      return undefined;
    }
    const [given, wanted] = [atom.terms.length, relation.attributes.length];
    if (given === wanted) return relation;
    const message = `${inWords(relation)} has ${count(wanted, "attribute")}`;
    this.findings.error("wrong-arity", `${message}, not ${given}`, atom.span, {
      label: `${count(given, "argument")} here`,
      related: [{ span: relation.span, text: "declared here" }],
    });
    this.complete = false;
    return undefined;
  }

  private matchAttributes(relation: DeclaredRelation, terms: readonly DraftTerm[]): void {
    for (const [at, term] of terms.entries()) {
      const attribute = relation.attributes[at];
      const kind = attribute?.type.kind;
      if (kind === undefined) this.records.usesBrokenTypes = true;
      if (attribute === undefined || kind === undefined) continue;
      const what = `attribute "${attribute.name}" of ${inWords(relation)}`;
      this.inference.only(term, kind, what);
    }
  }

  // ---- records ----

  /** A term that may be taken apart: records in it may have `_` for a field. */
  private pattern(node: TermNode): DraftTerm {
    return node.kind === "record" || node.kind === "branch"
      ? this.structured(node, true)
      : this.operand(node);
  }

  private structured(
    node: TermNode & { readonly kind: "record" | "branch" },
    pattern: boolean,
  ): DraftTerm {
    const { span } = node;
    const fields = node.fields.map((field) => {
      if (field.kind === "anonymous") {
        if (pattern) return this.anonymous(field.span);
        const message = "`_` stands in a record that is not taken apart";
        this.findings.error("anonymous-variable", message, field.span, {
          hint: "a record may have `_` in a positive atom of a body, and on a side of `=`",
        });
        return this.refused(field.span);
      }
      return pattern ? this.pattern(field) : this.operand(field);
    });
    const set = kindSet(["record"]);
    if (node.kind === "record") {
      const type = this.inference.fresh(set, "`[…]` is a record", span);
      const term: DraftTerm = { kind: "record", fields, type, span };
      this.records.add(term);
      return term;
    }
    const branch = this.declarations.types.structures.branch(node.name);
    if (branch === undefined) return this.refused(span);
    const { of } = branch;
    const type = this.inference.fresh(set, `\`$${branch.branch ?? ""}\` is a branch of it`, span);
    const term: DraftTerm = { kind: "record", branch, fields, type, span };
    this.kinds.restrict(type, set, undefined, of);
    this.records.match(fields, branch, `branch "${branch.branch ?? ""}"`, span);
    return term;
  }

  private nil(span: Span): DraftTerm {
    const type = this.inference.fresh(kindSet(["record"]), "`nil` is a record", span);
    const term: DraftTerm = { kind: "nil", type, span };
    this.records.add(term);
    return term;
  }

  // ---- terms ----

  /** A term that has to have a value: anything but `_`. */
  private operand(node: TermNode): DraftTerm {
    const { span } = node;
    switch (node.kind) {
      case "anonymous":
        this.findings.error("anonymous-variable", "`_` has no value to use here", span, {
          hint: "`_` can only stand as an argument of an atom in a body; name the variable",
        });
        return this.refused(span);
      case "variable": {
        const variable = this.scope.variable(node.name);
        const type = variable === undefined ? undefined : this.variables[variable]?.type;
        if (variable === undefined || type === undefined) return this.refused(span);
        return { kind: "variable", variable, type, span };
      }
      case "number": {
        const set = literalKinds(node);
        const text = `the literal ${node.text} is ${kindsInWords(set)}`;
        return { kind: "number", node, type: this.kinds.fresh(set, { text, span }), span };
      }
      case "string": {
        const type = this.inference.fresh(kindSet(["symbol"]), "a string is a symbol", span);
        return { kind: "string", value: node.value, type, span };
      }
      case "unary": {
        const name = node.operator === "-" ? "neg" : node.operator;
        return this.functor(name, node.operator, [node.of], span);
      }
      case "binary":
        return this.functor(functorOf[node.operator], node.operator, [node.left, node.right], span);
      case "functor":
        return this.namedFunctor(node);
      case "cast":
        return this.cast(node);
      case "aggregate":
        return this.aggregate(node);
      case "nil":
        return this.nil(span);
      case "record":
      case "branch":
        return this.structured(node, false);
      case "user-functor":
        return this.userFunctor(node);
      case "user-aggregate":
        return this.userAggregate(node);
    }
  }

  private namedFunctor(node: FunctorNode): DraftTerm {
    const { name, span } = node;
    switch (name) {
      case "autoinc": {
        this.checkArity(node, 0, 0);
        if (textOf(span) === "$") {
          const message = "`$` is an old form of a counter";
          this.findings.warning("dollar-sign", message, span, { hint: "write `autoinc()`" });
        }
        const type = this.inference.fresh(kindSet(["number"]), "a counter is a number", span);
        return { kind: "counter", type, span };
      }
      case "recursive_iteration_cnt": {
        this.checkArity(node, 0, 0);
        const type = this.inference.fresh(kindSet(["unsigned"]), "the round is an unsigned", span);
        return { kind: "iteration", type, span };
      }
      case "range":
        return this.range(node, undefined);
      case "substr": {
        if (!this.checkArity(node, 3, 3)) return this.refused(span);
        const terms = node.arguments.map((argument) => this.operand(argument));
        for (const [at, term] of terms.entries()) {
          const set = kindSet([at === 0 ? "symbol" : "number"]);
          const which = ["first", "second", "third"][at] ?? "";
          this.inference.restrict(
            term,
            set,
            `the ${which} argument of \`substr\` is ${kindsInWords(set)}`,
          );
        }
        const type = this.inference.fresh(kindSet(["symbol"]), "`substr` gives a symbol", span);
        return { kind: "functor", name, of: type, type, arguments: terms, span };
      }
      case "singleton": {
        if (!this.checkArity(node, 1, 2)) return this.refused(span);
        const terms = node.arguments.map((argument) => this.operand(argument));
        const reason = "`singleton` gives a set or a map";
        const type = this.inference.fresh(kindSet(["record"]), reason, span);
        const made = terms.length === 1 ? name : "entry";
        const of = { kind: "functor", name: made, of: type, type, arguments: terms, span } as const;
        this.collections.singleton(of, terms);
        return of;
      }
      case "size": {
        const [of] = node.arguments.map((argument) => this.operand(argument));
        if (!this.checkArity(node, 1, 1) || of === undefined) return this.refused(span);
        this.collections.size(of);
        const type = this.inference.fresh(kindSet(["number"]), "`size` gives a number", span);
        return { kind: "functor", name, of: of.type, type, arguments: [of], span };
      }
      case "at":
        return this.at(node);
      case "cat":
      case "ord":
      case "strlen":
      case "to_float":
      case "to_number":
      case "to_string":
      case "to_unsigned":
      case "min":
      case "max": {
        const [least, most] = functors[name].arity;
        if (!this.checkArity(node, least, most)) return this.refused(span);
        return this.functor(name, name, node.arguments, span);
      }
    }
  }

  /** What a map has for a key is a variable that is looked up where the map has the key: otherwise
   * there is no such value, and the body does not hold. */
  private at(node: FunctorNode): DraftTerm {
    const { span } = node;
    if (!this.checkArity(node, 2, 2)) return this.refused(span);
    const terms = node.arguments.map((argument) => this.once(this.operand(argument), "#of"));
    const [map, key] = terms;
    if (map === undefined || key === undefined) return this.refused(span);
    const type = this.kinds.fresh();
    const variable = this.freshVariable("#at", type, span);
    const left: DraftTerm = { kind: "variable", variable, type, span };
    this.collections.at(map, key, left);
    const right: DraftTerm = {
      kind: "functor",
      name: "at",
      of: type,
      type,
      arguments: terms,
      span,
    };
    this.body.push({ kind: "test", word: "has", negated: false, left: map, right: key, span });
    this.body.push({ kind: "comparison", operator: "=", left, right, span });
    return left;
  }

  /** A term that can be evaluated twice: a variable for one that is computed. */
  private once(term: DraftTerm, base: string): DraftTerm {
    const { kind, type, span } = term;
    if (kind === "variable" || kind === "number" || kind === "string") return term;
    const variable = this.freshVariable(base, type, span);
    const left: DraftTerm = { kind: "variable", variable, type, span };
    this.body.push({ kind: "comparison", operator: "=", left, right: term, span });
    return left;
  }

  private userFunctor({ name, arguments: nodes, span }: UserFunctorNode): DraftTerm {
    const terms = nodes.map((argument) => this.operand(argument));
    const functor = this.declarations.functors.call(name);
    if (functor === undefined) return this.refused(span);
    const { parameters, result } = functor;
    if (terms.length !== parameters.length) {
      const wanted = count(parameters.length, "argument");
      this.reportUserArity(functor, `takes ${wanted}, not ${terms.length}`, span);
      return this.refused(span);
    }
    const term: DraftTerm = {
      kind: "user-functor",
      functor,
      arguments: terms,
      type: this.kinds.fresh(),
      span,
    };
    for (const [at, { kind }] of parameters.entries()) {
      const argument = terms[at];
      if (argument !== undefined && kind !== undefined)
        this.inference.only(argument, kind, `argument ${at + 1} of functor \`@${name.text}\``);
    }
    if (result.kind !== undefined)
      this.inference.only(term, result.kind, `the result of functor \`@${name.text}\``);
    return term;
  }

  /** `@@f e : start, { … }`: what is not a constant gives its value to a variable around it. */
  private userAggregate(node: UserAggregateNode): DraftTerm {
    const { name, span } = node;
    const started = this.operand(node.start);
    const functor = this.declarations.functors.call(name);
    const found = this.aggregate({ ...node, name: "fold" });
    if (functor === undefined || found.kind !== "variable") return this.refused(span);
    const [sum, value] = functor.parameters;
    if (functor.parameters.length !== 2 || sum === undefined || value === undefined) {
      this.reportUserArity(functor, "cannot aggregate: it does not take 2 arguments", span);
      return this.refused(span);
    }
    const literal = this.body.at(-1);
    assert(literal?.kind === "aggregate" && literal.value !== undefined, "an aggregate was added");
    const of = `functor \`@${name.text}\``;
    for (const { kind } of [sum, functor.result])
      if (kind !== undefined) this.inference.only(started, kind, `what ${of} starts from`);
    if (value.kind !== undefined)
      this.inference.only(literal.value, value.kind, `what ${of} aggregates`);
    if (functor.result.kind !== undefined)
      this.inference.only(found, functor.result.kind, `the result of ${of}`);
    let start = started;
    if (start.kind !== "number" && start.kind !== "string") {
      const variable = this.freshVariable("#start", started.type, span);
      start = { kind: "variable", variable, type: started.type, span: started.span };
      const equation = { kind: "comparison", operator: "=", left: start, right: started } as const;
      this.body.push({ ...equation, span: started.span });
    }
    this.body[this.body.indexOf(literal)] = { ...literal, fold: { functor, start } };
    return found;
  }

  private reportUserArity({ name, span: declared }: DeclaredFunctor, what: string, span: Span) {
    this.findings.error("wrong-arity", `functor \`@${name}\` ${what}`, span, {
      related: [{ span: declared, text: "declared here" }],
    });
  }

  /** A functor whose operands have one kind. */
  private functor(
    name: Functor | "plus",
    shown: string,
    operands: readonly TermNode[],
    span: Span,
  ): DraftTerm {
    const shape = name === "plus" ? plus : functors[name];
    const set = kindSet(shape.of);
    const terms = operands.map((operand) => this.operand(operand));
    const [first] = terms;
    if (first === undefined) return this.refused(span);
    this.inference.operands(terms, set, shown);
    const type =
      shape.result === "same"
        ? first.type
        : this.inference.fresh(
            kindSet([shape.result]),
            `\`${shown}\` gives a ${shape.result}`,
            span,
          );
    return { kind: "functor", name, of: first.type, type, arguments: terms, span };
  }

  private checkArity({ name, arguments: given, span }: FunctorNode, from: number, to: number) {
    if (given.length >= from && given.length <= to) return true;
    const wanted =
      to === Infinity
        ? `${from} or more arguments`
        : from === to
          ? count(from, "argument")
          : `${from} or ${to} arguments`;
    const message = `functor \`${name}\` takes ${wanted}, not ${given.length}`;
    this.findings.error("wrong-arity", message, span);
    this.complete = false;
    return false;
  }

  private cast(node: TermNode & { readonly kind: "cast" }): DraftTerm {
    const { span } = node;
    const to = this.declarations.types.type(node.type);
    const of = this.operand(node.of);
    const type = this.kinds.fresh(everyKind);
    const cast: DraftTerm = { kind: "cast", of, to, type, span };
    if (to.kind === undefined) return cast;
    this.inference.only(cast, to.kind, "what `as` gives");
    // A literal takes its kind from the cast, so that `to_string(as(2, float))` has a meaning.
    const literal =
      of.kind === "number" && (literalKinds(of.node) & kindSet([kindClass(to.kind)])) !== 0;
    const record = (of.kind === "record" && of.branch === undefined) || of.kind === "nil";
    if (literal || (record && structured(to.kind)))
      this.inference.only(of, to.kind, "what the cast is to");
    return cast;
  }

  private range(node: FunctorNode, target: number | undefined): DraftTerm {
    const { span } = node;
    const [from, to, step] = node.arguments.map((argument) => this.operand(argument));
    if (!this.checkArity(node, 2, 3) || from === undefined || to === undefined)
      return this.refused(span);
    const terms = step === undefined ? [from, to] : [from, to, step];
    this.inference.operands(terms, numericKinds, "range");
    const variable = target ?? this.freshVariable("#range", from.type, span);
    const stepped = step === undefined ? {} : { step };
    this.body.push({ kind: "range", variable, from, to, ...stepped, span });
    return { kind: "variable", variable, type: from.type, span };
  }

  /** `result` is the variable that takes the result, by an equation that alone binds it. */
  private aggregate(
    node: AggregateNode | FoldNode,
    result?: { readonly name: string; readonly variable: number },
  ): DraftTerm {
    const { name, span } = node;
    const alternatives = disjuncts(node.body);
    const [literals] = alternatives ?? [];
    if (alternatives?.length !== 1 || literals === undefined) {
      const message = `the body of \`${name}\` has alternatives`;
      this.findings.error("disjunction-in-aggregate", message, node.body.span, {
        hint: "define a relation by the alternatives and aggregate over that",
      });
      return this.refused(span);
    }
    const outer = { scope: this.scope, body: this.body };
    this.scope = this.scopeIn(outer.scope, result?.name);
    this.body = [];
    if (node.value !== undefined) this.scope.addTerms([node.value]);
    this.scope.addLiterals(literals);
    for (const literal of literals) this.literal(literal);
    const value = node.value === undefined ? undefined : this.operand(node.value);
    const { body } = this;
    this.scope = outer.scope;
    this.body = outer.body;

    const type = this.aggregateType(node, value);
    const variable = result?.variable ?? this.freshVariable(`#${name}`, type, span);
    const valued = value === undefined ? {} : { value };
    this.body.push({ kind: "aggregate", variable, name, ...valued, body, span });
    return { kind: "variable", variable, type, span };
  }

  private aggregateType(
    { name, span }: AggregateNode | FoldNode,
    value: DraftTerm | undefined,
  ): ClassAt {
    if (name === "fold") return this.kinds.fresh();
    if (name === "count" || value === undefined)
      return this.inference.fresh(kindSet(["number"]), "`count` gives a number", span);
    const set = kindSet(name === "mean" ? ["float"] : ["number", "unsigned", "float"]);
    this.inference.restrict(value, set, `what \`${name}\` aggregates is ${kindsInWords(set)}`);
    return value.type;
  }

  private anonymous(span: Span): DraftTerm {
    return { kind: "anonymous", type: this.kinds.fresh(), span };
  }

  private refused(span: Span): DraftTerm {
    this.complete = false;
    return { kind: "refused", type: this.kinds.fresh(), span };
  }

  // ---- variables and kinds ----

  private scopeIn(parent: Scope | undefined, hidden?: string): Scope {
    const declare = (name: string, span: Span) =>
      this.variables.push({ name, type: this.kinds.fresh(), span }) - 1;
    return new Scope(parent, declare, hidden);
  }

  private freshVariable(base: string, type: ClassAt, span: Span): number {
    const taken = this.variables.filter(({ name }) => name.startsWith(base)).length;
    const name = taken === 0 ? base : `${base}${taken + 1}`;
    return this.variables.push({ name, type, span }) - 1;
  }
}

function count(many: number, what: string): string {
  return `${many === 0 ? "no" : many} ${what}${many === 1 ? "" : "s"}`;
}
