// From syntax to canonical text: one item a line, minimal parentheses. `parse(print(t))` is `t`, up
// to spans and comments.
import { quoted } from "./literals.ts";
import { precedenceOf, prefixPrecedence } from "./operands.ts";
import type {
  AnnotationNode,
  AtomNode,
  AttributeNode,
  BinaryNode,
  BodyNode,
  ChoiceNode,
  ClauseNode,
  ComponentTypeNode,
  ContractNode,
  DirectiveParameterNode,
  HeadNode,
  ItemNode,
  PlanNode,
  QualifiedNameNode,
  QualifierNode,
  SubsumptionNode,
  SyntaxTree,
  TermNode,
  TypeDefinitionNode,
  TypeNode,
} from "./tree.ts";

/** Returns the text of a program, with a line end after each item; comments are left out. */
export function print(tree: SyntaxTree): string {
  return tree.items.map((item) => `${printItem(item)}\n`).join("");
}

function printItem(item: ItemNode): string {
  switch (item.kind) {
    case "relation": {
      const names = item.names.map((name) => name.text).join(", ");
      const head = `.decl ${names}(${attributes(item.attributes)})`;
      const parts = [head, ...item.qualifiers.map(qualifier), ...choices(item.choices)];
      return annotated(item.annotations, parts.join(" "));
    }
    case "debug-delta":
      return `.decl ${item.name.text} = debug_delta(${printName(item.of)})`;
    case "type":
      return annotated(item.annotations, typeDeclaration(item.name.text, item.definition));
    case "lattice": {
      const members = item.members.map(({ name, value }) => `${name.text} -> ${printTerm(value)}`);
      return `.lattice ${item.name.text}<> { ${members.join(", ")} }`;
    }
    case "functor": {
      const parameters = item.parameters.map(({ name, type }) =>
        name === undefined ? printType(type) : `${name.text}: ${printType(type)}`,
      );
      const result = `${printType(item.result)}${item.stateful ? " stateful" : ""}`;
      return `.functor ${item.name.text}(${parameters.join(", ")}): ${result}`;
    }
    case "directive": {
      const relations = item.relations.map(printName).join(", ");
      const settings = item.parameters.map(setting).join(", ");
      return `.${item.word} ${relations}${settings === "" ? "" : `(${settings})`}`;
    }
    case "clause":
      return annotated(item.annotations, printClause(item));
    case "subsumption":
      return printSubsumption(item);
    case "component": {
      const bases = item.bases.map(componentType).join(", ");
      const head = `.comp ${componentType(item.type)}${bases === "" ? "" : ` : ${bases}`}`;
      return `${head} ${braced(item.items.map(printItem))}`;
    }
    case "instance":
      return `.init ${item.name.text} = ${componentType(item.component)}`;
    case "override":
      return `.override ${item.name.text}`;
    case "pragma":
      return [
        ".pragma",
        quoted(item.key),
        ...(item.value === undefined ? [] : [quoted(item.value)]),
      ].join(" ");
    case "seal": {
      const body = item.body === undefined ? "" : ` :- ${printBody(item.body)}`;
      return `.seal ${printName(item.atom.relation)}(${printList(item.atom.terms)})${body}.`;
    }
    case "transaction": {
      const clauses = item.clauses.map((clause) =>
        annotated(clause.annotations, printClause(clause)),
      );
      return `.transaction ${item.name.text}(${attributes(item.parameters)}) ${braced(clauses)}`;
    }
    case "contract":
      return contract(item);
    case "expectation": {
      const tuples = item.tuples.map(({ terms }) => `(${printList(terms)})`);
      const list = tuples.length === 0 ? "{}" : `{ ${tuples.join(", ")} }`;
      return `.expect ${printName(item.relation)} ${list}`;
    }
  }
}

/** Lines in braces, indented by two more. Strings do not span lines when printed. */
function braced(lines: readonly string[]): string {
  if (lines.length === 0) return "{}";
  return `{\n${lines.map((line) => `  ${line.replaceAll("\n", "\n  ")}\n`).join("")}}`;
}

/** Outer annotations stand before an item; `printClause` has the inner ones. */
function annotated(annotations: readonly AnnotationNode[], text: string): string {
  const outer = annotations.filter((annotation) => !annotation.inner);
  return [...outer.map(printAnnotation), text].join("\n");
}

function printAnnotation({ key, value }: AnnotationNode): string {
  if (key === "doc" && !value.includes("\n") && value.trim() === value)
    return value === "" ? "///" : `/// ${value}`;
  return value === "" ? `@[${key}]` : `@[${key} = ${value}]`;
}

function attributes(list: readonly AttributeNode[]): string {
  return list.map(({ name, type }) => `${name.text}: ${printType(type)}`).join(", ");
}

function qualifier({ word, keys }: QualifierNode): string {
  return keys === undefined ? word : `${word}(${keys.map((key) => key.text).join(", ")})`;
}

function choices(list: readonly ChoiceNode[]): string[] {
  if (list.length === 0) return [];
  const texts = list.map(({ keys }) => {
    const names = keys.map((key) => key.text).join(", ");
    return keys.length === 1 ? names : `(${names})`;
  });
  return [`choice-domain ${texts.join(", ")}`];
}

function typeDeclaration(name: string, definition: TypeDefinitionNode): string {
  switch (definition.kind) {
    case "subset":
      return `.type ${name} <: ${printType(definition.of)}`;
    case "union":
      return `.type ${name} = ${definition.members.map(printType).join(" | ")}`;
    case "record":
      return `.type ${name} = [${attributes(definition.fields)}]`;
    case "adt": {
      const branches = definition.branches.map((branch) => {
        const fields = attributes(branch.fields);
        return `${branch.name.text} {${fields}}`;
      });
      return `.type ${name} = ${branches.join(" | ")}`;
    }
    case "legacy":
      return `${definition.word} ${name}`;
  }
}

function setting({ key, value }: DirectiveParameterNode): string {
  return `${key.text}=${value.quoted ? quoted(value.text) : value.text}`;
}

function componentType({ name, parameters }: ComponentTypeNode): string {
  if (parameters.length === 0) return name.text;
  return `${name.text}<${parameters.map(printName).join(", ")}>`;
}

function contract(item: ContractNode): string {
  const parts = [".calm", item.claim];
  if (item.relation !== undefined) parts.push(printName(item.relation));
  if (item.level !== undefined) parts.push(item.level.text);
  if (item.reason !== undefined) parts.push(quoted(item.reason));
  return parts.join(" ");
}

// ---- clauses and bodies ----

/** Returns the text of a fact or rule, up to its `.` and its plan; without outer annotations. */
export function printClause(clause: ClauseNode): string {
  const heads = clause.heads.map(printHead).join(", ");
  if (clause.body === undefined) return `${heads}.`;
  const inner = clause.annotations.filter((annotation) => annotation.inner);
  const notes = inner.map(({ key, value }) =>
    value === "" ? `@![${key}] ` : `@![${key} = ${value}] `,
  );
  const body = printBody(clause.body);
  return `${heads} ${clause.operator} ${notes.join("")}${body}.${printPlan(clause.plan)}`;
}

function printSubsumption({ dominated, dominating, body, plan }: SubsumptionNode): string {
  const heads = `${printAtom(dominated)} <= ${printAtom(dominating)}`;
  return `${heads} :- ${printBody(body)}.${printPlan(plan)}`;
}

/** Returns the text of a body. */
export function printBody(body: BodyNode): string {
  switch (body.kind) {
    case "disjunction":
      return body.members.map(printBody).join(" ; ");
    case "conjunction":
      return body.members
        .map((member) => grouped(member, member.kind === "disjunction"))
        .join(", ");
    case "negation": {
      const group = body.of.kind === "conjunction" || body.of.kind === "disjunction";
      return `!${grouped(body.of, group)}`;
    }
    case "atom":
      return printAtom(body);
    case "comparison":
      return `${printTerm(body.left)} ${body.operator} ${printTerm(body.right)}`;
    case "boolean":
      return String(body.value);
    case "test":
      return `${body.word}(${printTerm(body.left)}, ${printTerm(body.right)})`;
  }
}

function grouped(body: BodyNode, parentheses: boolean): string {
  return parentheses ? `(${printBody(body)})` : printBody(body);
}

function printHead({ sign, atom, location }: HeadNode): string {
  const place = location === undefined ? "" : `@${printTerm(location)}`;
  return `${sign ?? ""}${printAtom(atom)}${place}`;
}

function printAtom({ relation, terms }: AtomNode): string {
  return `${printName(relation)}(${printList(terms)})`;
}

function printPlan(plan: PlanNode | undefined): string {
  if (plan === undefined) return "";
  const versions = plan.versions.map(({ version, order }) => `${version}:(${order.join(", ")})`);
  return `\n.plan ${versions.join(", ")}`;
}

// ---- terms, types and names ----

function printName(name: QualifiedNameNode): string {
  return name.parts.map((part) => part.text).join(".");
}

function printType(type: TypeNode): string {
  const name = printName(type.name);
  return type.arguments === undefined
    ? name
    : `${name}<${type.arguments.map(printType).join(", ")}>`;
}

function printList(terms: readonly TermNode[]): string {
  return terms.map(printTerm).join(", ");
}

/** Returns the text of a term. */
export function printTerm(term: TermNode): string {
  switch (term.kind) {
    case "variable":
      return term.name;
    case "anonymous":
      return "_";
    case "number":
      return term.unsigned ? `${term.text}u` : term.text;
    case "string":
      return quoted(term.value);
    case "nil":
      return "nil";
    case "record":
      return `[${printList(term.fields)}]`;
    case "branch":
      return `$${printName(term.name)}(${printList(term.fields)})`;
    case "unary": {
      const word = term.operator === "-" ? "-" : `${term.operator} `;
      return `${word}${operand(term.of, prefixPrecedence)}`;
    }
    case "binary":
      return printChain(term);
    case "functor":
      return `${term.name}(${printList(term.arguments)})`;
    case "user-functor":
      return `@${term.name.text}(${printList(term.arguments)})`;
    case "cast":
      return `as(${printTerm(term.of)}, ${printType(term.type)})`;
    case "aggregate": {
      const value = term.value === undefined ? "" : ` ${printTerm(term.value)}`;
      return `${term.name}${value} : ${printRange(term.body)}`;
    }
    case "user-aggregate": {
      const head = `@@${term.name.text} ${printTerm(term.value)} : ${printTerm(term.start)}`;
      return `${head}, ${printRange(term.body)}`;
    }
  }
}

function printRange(body: BodyNode): string {
  return `{ ${printBody(body)} }`;
}

/** A chain of operators that lean to the left, without recursion along it: chains may be long. */
function printChain(chain: BinaryNode): string {
  const tails: string[] = [];
  let term: TermNode = chain;
  let limit = 0;
  for (;;) {
    if (term.kind !== "binary") break;
    const own = precedenceOf(term.operator);
    if (own < limit) break;
    // An operand of equal precedence wants parentheses on the side to which the operator does not
    // bind: `a - (b - c)`, `(a ^ b) ^ c`; but `a ^ -b` needs none.
    const [left, right] = term.operator === "^" ? [own + 1, prefixPrecedence] : [own, own + 1];
    tails.push(` ${term.operator} ${operand(term.right, right)}`);
    term = term.left;
    limit = left;
  }
  return operand(term, limit) + tails.reverse().join("");
}

/** Returns a term as an operand: in parentheses if it binds looser than `limit`. */
function operand(term: TermNode, limit: number): string {
  const text = printTerm(term);
  return precedenceOfTerm(term) < limit ? `(${text})` : text;
}

function precedenceOfTerm(term: TermNode): number {
  if (term.kind === "binary") return precedenceOf(term.operator);
  if (term.kind === "unary") return prefixPrecedence;
  const signed = term.kind === "number" && term.text.startsWith("-");
  return signed ? prefixPrecedence : Number.POSITIVE_INFINITY;
}
