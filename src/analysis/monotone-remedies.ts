// What would make a relation coordination-free at a point of order, in the words of a hint.
import { distinct } from "./monotone-distinct.ts";
import { inputVariables, type InputContext, isBound } from "./monotone-inputs.ts";
import type { FoundPoint } from "./monotone-points.ts";
import type { Literal } from "./program.ts";
import { visitLiterals } from "./work-rule.ts";

type Atom = Literal & { readonly kind: "atom" | "negation" };

/** Returns the change that would help at a point: another form of the rule, a seal, a snapshot. */
export function remedy(found: FoundPoint, of: InputContext): string | undefined {
  const { point, literal } = found;
  const { relations } = of.program;
  const name = relations[point.relation]?.name ?? "";
  if (point.kind === "laws" || point.kind === "coordination" || point.kind === "ordered")
    return point.hint;
  const ways = point.hint === undefined ? [] : [point.hint];
  if (literal?.kind === "negation" || literal?.kind === "aggregate") {
    ways.push(...sealed(literal, found, of));
    if (relations[point.relation]?.place === undefined)
      ways.push(`declare "${name}" as a \`snapshot\` if it need not be final`);
  }
  return ways.length > 0 ? ways.join("; or ") : `accept it: \`.calm ordered ${name} "…"\``;
}

/** That what is absent, or all there is, may be known by seals. */
function sealed(literal: Literal, found: FoundPoint, of: InputContext): string[] {
  const atoms = atomsIn(literal).filter(({ relation }) => of.facts.closed[relation] !== true);
  const names = [...new Set(atoms.map(({ relation }) => of.program.relations[relation]?.name))];
  const inputs = names.map((name) => `"${name ?? ""}"`).join(" and ");
  if (distinct(found, of)) return [`seal ${inputs}, and accept level F1: \`.calm level F1\``];
  const bound = inputVariables(found.scopes, of.carries);
  const keys = atoms.map((atom) => key(atom, bound, of));
  const [first] = keys;
  if (first === undefined || keys.some((one) => one !== first) || names.length > 1) return [];
  return [`declare ${inputs} with \`partition(${first})\` and seal it, for level F1`];
}

/** The attributes by which an input would have to be partitioned; undefined where that is of no
 * use. */
function key(
  { relation: at, terms }: Atom,
  bound: ReadonlySet<number>,
  { program, facts }: InputContext,
): string | undefined {
  const relation = program.relations[at];
  const input = facts.input[at] === true && facts.rulesOf[at]?.length === 0;
  if (!input || relation === undefined) return undefined;
  if (relation.equivalence === true || facts.ephemeral[at] === true) return undefined;
  const columns = relation.attributes.filter((_, column) => isBound(terms[column], bound));
  return columns.length === 0 ? undefined : columns.map(({ name }) => name).join(", ");
}

function atomsIn(literal: Literal): Atom[] {
  const found: Atom[] = [];
  visitLiterals([literal], (of) => {
    if (of.kind === "atom" || of.kind === "negation") found.push(of);
  });
  return found;
}
