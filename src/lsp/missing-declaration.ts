import type { Span } from "../base/source.ts";
import type { TermNode } from "../syntax/tree.ts";
import type { IndexedClause } from "./symbol.ts";
import { variableType } from "./variable-types.ts";
import type { Understood } from "./workspace.ts";

/** A declaration that is missing, and the empty place where it could stand. */
type Missing = { readonly text: string; readonly at: Span };

/** Returns the declaration of the relation that an atom at `span` names, with names and types of
 * attributes as its terms show them; none where the name is of something inside an instance. */
export function missingDeclaration(span: Span, { index, program, tree }: Understood): Missing[] {
  const clause = index.clauseAt(span.source.path, span.start);
  const found = clause?.atoms.find(({ atom }) => atom.relation.span.start === span.start);
  if (clause === undefined || found === undefined) return [];
  const { atom } = found;
  const [name, ...rest] = atom.relation.parts;
  if (name === undefined || rest.length > 0) return [];
  const taken = new Set<string>();
  const attributes = atom.terms.map((term, at) => {
    const wanted = term.kind === "variable" ? term.name.replace(/^[?_]+/, "") : "";
    const fallback = `x${String(at + 1)}`;
    const attribute = wanted === "" || taken.has(wanted) ? fallback : wanted;
    taken.add(attribute);
    return `${attribute}: ${typeOf(term, clause, program)}`;
  });
  const item = tree.items.find(
    ({ span: { source, start, end } }) =>
      source === span.source && start <= span.start && span.end <= end,
  );
  const start = span.source.text.lastIndexOf("\n", (item?.span.start ?? span.start) - 1) + 1;
  const at = { source: span.source, start, end: start };
  return [{ text: `.decl ${name.text}(${attributes.join(", ")})\n`, at }];
}

function typeOf(term: TermNode, clause: IndexedClause, program: Understood["program"]): string {
  switch (term.kind) {
    case "variable":
      return variableType(term.name, clause, program) ?? "symbol";
    case "number":
      return term.form === "float" ? "float" : term.unsigned ? "unsigned" : "number";
    case "binary":
    case "unary":
    case "aggregate":
      return "number";
    case "cast":
      return term.type.name.parts.map(({ text }) => text).join(".");
    case "anonymous":
    case "string":
    case "nil":
    case "record":
    case "branch":
    case "functor":
    case "user-functor":
    case "user-aggregate":
      return "symbol";
  }
}
