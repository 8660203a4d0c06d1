// `.seal r(k) :- body.` is a rule for a relation of its own, which holds the sealed keys of r.
import type { SealNode } from "../syntax/tree.ts";
import { addClause } from "./clauses.ts";
import type { Declarations } from "./declarations.ts";
import type { Fact } from "./program.ts";
import type { WorkRule } from "./work-rule.ts";

/** Appends what a seal states; reports one that is not of an input relation and its key. */
export function addSeal(
  { atom, body, span }: SealNode,
  declarations: Declarations,
  facts: Fact[],
  rules: WorkRule[],
): void {
  const { findings, directives } = declarations;
  const relation = declarations.relation(atom.relation);
  if (relation === undefined) return;
  const { name, at, attributes, place } = relation;
  const related = [{ span: relation.span, text: "declared here" }];
  const read = directives.some((of) => of.word === "input" && of.relation === at);
  if (!read) {
    const message = `relation "${name}" is no input: there is nothing to complete`;
    findings.error("wrong-seal", message, span, { related, hint: "seal the inputs it is from" });
    return;
  }
  const [columns] = place?.partitions ?? [];
  const key = (columns ?? []).map((column) => attributes[column]?.name ?? "");
  if (atom.terms.length !== key.length) {
    const wanted = `\`.seal ${name}(${key.join(", ")})\``;
    const message = `a seal of relation "${name}" names its key: ${wanted}`;
    const hint =
      columns === undefined
        ? `declare \`${name}\` with \`partition(…)\` to seal it key by key`
        : "the key is what the relation is partitioned by";
    findings.error("wrong-seal", message, atom.span, { related, hint });
    return;
  }
  const sealed = declarations.sealed(relation);
  if (sealed === undefined) return;
  const { span: of } = atom.relation;
  const head = { ...atom, relation: { parts: [{ text: sealed.name, span: of }], span: of } };
  const clause = {
    ...({ kind: "clause", heads: [{ atom: head, span: atom.span }], operator: ":-" } as const),
    ...{ annotations: [], span },
  };
  addClause(body === undefined ? clause : { ...clause, body }, declarations, facts, rules);
}
