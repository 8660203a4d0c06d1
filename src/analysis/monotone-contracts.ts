// What a text claims of its own coordination, held against the verdict.
import type { Diagnostic, Label } from "../base/diagnostic.ts";
import type { Monotonicity } from "./levels.ts";
import { pathTo } from "./monotone.ts";
import type { Contract, Program, RelationAt } from "./program.ts";

/** How many points a broken contract names. */
const pointsShownMax = 4;

/** Returns the contracts that are broken, as errors, and those that nothing needs, as warnings.
 * `passes` says which relations affect others: those that no contract sets apart. */
export function contractFindings(
  program: Program,
  verdict: Monotonicity,
  passes: (relation: RelationAt) => boolean,
): Diagnostic[] {
  return program.contracts.flatMap((contract): Diagnostic[] => {
    const found = judged(contract, program, verdict, passes);
    return found === undefined ? [] : [found];
  });
}

function judged(
  contract: Contract,
  program: Program,
  verdict: Monotonicity,
  passes: (relation: RelationAt) => boolean,
): Diagnostic | undefined {
  const { span } = contract;
  const level = (at: RelationAt) => verdict.relations[at]?.level;
  const name = (at: RelationAt) => program.relations[at]?.name ?? "";
  switch (contract.claim) {
    case "monotone": {
      if (contract.of.kind !== "relation") return undefined;
      const { relation } = contract.of;
      return level(relation) === "M" ? undefined : broken(contract, relation, program, verdict);
    }
    case "ordered": {
      if (level(contract.relation) !== "M") return undefined;
      const subject = name(contract.relation);
      return needless(span, `relation "${subject}" is monotone and need not be ordered`, subject);
    }
    case "coordinating": {
      if (verdict.relations.some((of) => of.level === "coordinating")) return undefined;
      return needless(span, "no relation of this program coordinates", "coordinating");
    }
    case "level": {
      if (contract.level === "M") return undefined;
      if (verdict.outputs.some((at) => level(at) !== "M" && passes(at))) return undefined;
      const message = `level ${contract.level} is accepted and all outputs are monotone`;
      return needless(span, message, contract.level);
    }
  }
}

function needless(span: Contract["span"], message: string, subject: string): Diagnostic {
  const hint = "drop the contract";
  return { severity: "warning", code: "needless-contract", message, span, hint, subject };
}

function broken(
  { span }: Contract,
  relation: RelationAt,
  program: Program,
  verdict: Monotonicity,
): Diagnostic {
  const { points = [], level = "ordered" } = verdict.relations[relation] ?? {};
  const name = (at: RelationAt) => program.relations[at]?.name ?? "";
  const [first] = points;
  const related = points.slice(0, pointsShownMax).flatMap((at): Label[] => {
    const point = verdict.points[at];
    return point === undefined ? [] : [{ span: point.span, text: point.message }];
  });
  const steps = first === undefined ? [] : pathTo(program, verdict, first, relation);
  const flow = steps.map(({ relation: reader, from, span: at }) => ({
    span: at,
    text: `"${name(reader)}" reads "${name(from)}" here`,
  }));
  const more = points.length - related.length;
  const subject = name(relation);
  return {
    severity: "error",
    code: "broken-contract",
    message: `relation "${subject}" is claimed to be monotone and is not proved so: it is ${level}`,
    span,
    related,
    ...(more > 0 && { notes: [`and ${more} more reason${more === 1 ? "" : "s"}`] }),
    flow: [...related.slice(0, 1), ...flow],
    subject,
  };
}
