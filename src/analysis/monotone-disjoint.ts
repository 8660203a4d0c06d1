// Level F2, domain-disjoint-monotone (Ameloot, Ketsman, Neven, Zinn, TODS 2016, section 5): what
// was derived from I stays with I ∪ J, where J has no value of I. All that is negated, with all it
// depends on, is derived by connected rules, so that it is for I ∪ J what it is for I, and beside
// it what it is for J; and what is asked of it names a value of I. Values are those of inputs: a
// constant of the text would connect I with J.
import { fixed } from "./monotone-distinct.ts";
import { equation, inputVariables, type InputContext, isBound } from "./monotone-inputs.ts";
import { Groups, keyCount, rulesOf } from "./monotone-inputs.ts";
import type { FoundPoint } from "./monotone-points.ts";
import { components } from "./monotone-relations.ts";
import type { Literal, Rule } from "./program.ts";

/** Returns a function that says whether what stands at a point is the same for I and for I ∪ J,
 * where that is not so for the J of F1 already. */
export function disjointness(of: InputContext): (point: FoundPoint) => boolean {
  const separate = separateRelations(of);
  return ({ point, literal, scopes, values }) => {
    const bound = inputVariables(scopes, of.carries);
    const asked = (atom: Literal & { readonly kind: "atom" | "negation" }) =>
      separate[atom.relation] === true && atom.terms.some((term) => isBound(term, bound));
    if (point.kind === "negation" && literal?.kind === "negation") return asked(literal);
    if (point.kind !== "aggregate" || literal?.kind !== "aggregate") return false;
    return values !== undefined && fixed(literal, values, asked);
  };
}

/** For each relation, whether it is for I ∪ J what it is for I and what it is for J, and no
 * tuple of it has values of both. */
function separateRelations(of: InputContext): boolean[] {
  const { program, facts } = of;
  const separate = program.relations.map((relation, at) => {
    const { attributes, lattices, limit, choices, inlined, place = {} } = relation;
    if (attributes.length === 0 || inlined) return false;
    if (lattices !== undefined || limit !== undefined || choices !== undefined) return false;
    if (Object.keys(place).some((word) => word !== "partitions")) return false;
    return rulesOf(of, at).every((rule) => connected(rule, of));
  });
  for (const component of components(facts)) {
    const within = new Set(component);
    const all = component.every(
      (at) =>
        separate[at] === true &&
        facts.reads[at]?.every(
          (read) => within.has(read) || separate[read] === true || facts.closed[read] === true,
        ) === true,
    );
    for (const at of component) separate[at] = all;
  }
  return separate;
}

/** Whether a rule joins its tuples by values of inputs and derives tuples of such values alone. */
function connected(rule: Rule, { program, facts, carries }: InputContext): boolean {
  const { head, body, when, subsumes, removes } = rule;
  if (when !== undefined || subsumes === true || removes === true) return false;
  const bound = inputVariables([body], carries);
  if (!head.terms.every((term) => isBound(term, bound))) return false;
  const groups = new Groups();
  const joined = new Set<number>();
  for (const literal of body) {
    switch (literal.kind) {
      case "atom": {
        const relation = program.relations[literal.relation];
        if (relation === undefined || keyCount(relation) < literal.terms.length) return false;
        const own: number[] = [];
        for (const [column, term] of literal.terms.entries()) {
          if (term.kind === "anonymous" || term.kind === "constant") continue;
          if (term.kind !== "variable") return false;
          if (carries[literal.relation]?.[column] !== true) return false;
          own.push(term.variable);
        }
        if (own.length === 0) return false;
        for (const variable of own) {
          groups.unite(own[0] ?? variable, variable);
          joined.add(variable);
        }
        break;
      }
      case "negation": {
        const simple = literal.terms.every(
          ({ kind }) => kind === "variable" || kind === "anonymous" || kind === "constant",
        );
        if (!simple && facts.closed[literal.relation] !== true) return false;
        break;
      }
      case "comparison": {
        const pair = equation(literal);
        if (pair !== undefined) groups.unite(...pair);
        break;
      }
      case "test":
      case "boolean":
        break;
      case "range":
      case "aggregate":
        return false;
    }
  }
  const roots = new Set([...joined].map((variable) => groups.root(variable)));
  return roots.size === 1;
}
