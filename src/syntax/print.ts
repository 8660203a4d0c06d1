// From syntax to canonical text: one item a line, minimal parentheses. `parse(print(t))` is `t`, up
// to spans and comments.
import { quoted } from "./literals.ts";
import { precedenceOf, prefixPrecedence } from "./operands.ts";
import type {
  Annotated,
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
  return annotated(item, printBare(item));
}

/** Returns the text of an item without what stands before it. */
function printBare(item: ItemNode): string {
  switch (item.kind) {
    case "relation": {
      const names = item.names.map((name) => name.text).join(", ");
      const head = `.decl ${names}${attributes(item.attributes)}`;
      const parts = [head, ...item.qualifiers.map(qualifier), ...choices(item.choices)];
      return parts.join(" ");
    }
    case "debug-delta":
      return `.decl ${item.name.text} = debug_delta(${printName(item.of)})`;
    case "type":
      return typeDeclaration(item.name.text, item.definition);
    case "lattice": {
      const members = item.members.map(({ name, value }) => `${name.text} -> ${printTerm(value)}`);
      return `.lattice ${item.name.text}<> { ${members.join(", ")} }`;
    }
    case "functor": {
      const parameters = item.parameters.map((parameter) => {
        const { name, type } = parameter;
        const text = name === undefined ? printType(type) : `${name.text}: ${printType(type)}`;
        return annotated(parameter, text);
      });
      const result = `${printType(item.result)}${item.stateful ? " stateful" : ""}`;
      return `.functor ${item.name.text}${bracketed("()", parameters)}: ${result}`;
    }
    case "directive": {
      const relations = item.relations.map(printName).join(", ");
      const settings = item.parameters.map(setting).join(", ");
      return `.${item.word} ${relations}${settings === "" ? "" : `(${settings})`}`;
    }
    case "clause":
      return printClause(item);
    case "subsumption":
      return printSubsumption(item);
    case "component": {
      const bases = item.bases.map(componentType).join(", ");
      const head = `.comp ${componentType(item.type)}${bases === "" ? "" : ` : ${bases}`}`;
      return `${head} ${braced([...innerTexts(item), ...item.items.map(printItem)])}`;
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
      const clauses = item.clauses.map((clause) => annotated(clause, printClause(clause)));
      return `.transaction ${item.name.text}${attributes(item.parameters)} ${braced(clauses)}`;
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

/** Puts the outer annotations before a text, each on a line. */
function annotated({ annotations = [] }: Annotated, text: string): string {
  if (annotations.length === 0) return text;
  const outer = annotations.filter((annotation) => !annotation.inner);
  return [...outer.map(printAnnotation), text].join("\n");
}

/** Returns the texts of the annotations that stand inside, each for a line. */
function innerTexts({ annotations = [] }: Annotated): string[] {
  return annotations.filter((annotation) => annotation.inner).map(printAnnotation);
}

function printAnnotation({ key, value, inner }: AnnotationNode): string {
  if (key === "doc" && !value.includes("\n") && value.trim() === value)
    return `${inner ? "//!" : "///"} ${value}`.trimEnd();
  return `@${inner ? "!" : ""}[${value === "" ? key : `${key} = ${value}`}]`;
}

/** Returns a list in brackets: on one line, or where there are annotations each part on its own. */
function bracketed(brackets: string, parts: readonly string[], inner: readonly string[] = []) {
  const [open = "", close = ""] = brackets;
  if (inner.length === 0 && !parts.some((part) => part.includes("\n")))
    return open + parts.join(", ") + close;
  const lines = [...inner, parts.join(",\n")].join("\n").trimEnd().replaceAll("\n", "\n  ");
  return `${open}\n  ${lines}\n${close}`;
}

function attributes(
  list: readonly AttributeNode[],
  brackets = "()",
  inner: readonly string[] = [],
): string {
  const parts = list.map((attribute) =>
    annotated(attribute, `${attribute.name.text}: ${printType(attribute.type)}`),
  );
  return bracketed(brackets, parts, inner);
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
      return `.type ${name} = ${attributes(definition.fields, "[]")}`;
    case "adt": {
      const branches = definition.branches.map((branch) => {
        const fields = attributes(branch.fields, "{}", innerTexts(branch));
        return annotated(branch, `${branch.name.text} ${fields}`);
      });
      const noted = definition.branches.some(({ annotations }) => annotations !== undefined);
      const list = branches.join(noted ? "\n| " : " | ");
      return `.type ${name} =${noted ? `\n${list}`.replaceAll("\n", "\n  ") : ` ${list}`}`;
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
  const heads = clause.heads.map((head, at) =>
    head.annotations === undefined || at === 0
      ? `${at === 0 ? "" : ", "}${printHead(head)}`
      : `,\n${annotated(head, printHead(head))}`,
  );
  if (clause.body === undefined) return `${heads.join("")}.`;
  return `${heads.join("")} ${clause.operator}${printRuleBody(clause, clause.body)}`;
}

function printSubsumption(node: SubsumptionNode): string {
  const heads = `${printAtom(node.dominated)} <= ${printAtom(node.dominating)}`;
  return `${heads} :-${printRuleBody(node, node.body)}`;
}

/** What follows a rule's operator; on lines of its own where annotations begin it. */
function printRuleBody(rule: ClauseNode | SubsumptionNode, body: BodyNode): string {
  const inner = innerTexts(rule);
  const space = inner.length === 0 ? " " : "\n  ";
  return `${space}${[...inner, printBody(body)].join(space)}.${printPlan(rule.plan)}`;
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
