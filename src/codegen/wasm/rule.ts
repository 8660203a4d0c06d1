// A rule as a WebAssembly module of one function, which is run on a block of rows at a time. A
// function of the plan alone, byte for byte (invariant 5).
import type { RulePlan } from "../../plan/plan.ts";
import { firstScan, headsOf, type FormedStratum, type IndexNeed } from "../access.ts";
import { relationText } from "../emit-operation.ts";
import type { RelationText } from "../emit-set.ts";
import type { Constant } from "../writer.ts";
import { Body } from "./body.ts";
import type { Field } from "./field.ts";
import type { Operand } from "./instruction.ts";
import type { WasmModule } from "./module.ts";
import { operationObstacle, writeRoot } from "./operation.ts";
import { insertsInto, savedRows, writeGathered } from "./tuples.ts";

/** A rule in WebAssembly: its parameters are the rows [from, to) of its first scan and the address
 * of its frame. */
export type WasmRule = {
  readonly module: WasmModule;
  /** What the words of the frame are. */
  readonly fields: readonly Field[];
  /** The relations whose tuples it derives. */
  readonly heads: readonly number[];
  /** What its constants are. */
  readonly constants: readonly Constant[];
};

/** Returns why a rule stays in JavaScript; nothing where it can be in WebAssembly. */
export function obstacle(stratum: FormedStratum, { root }: RulePlan): string | undefined {
  if (stratum.losing === true || stratum.holes === true) return "may meet rows that were removed";
  return operationObstacle(stratum, root);
}

/** Returns a rule that has no obstacle as WebAssembly; `needs` are the stratum's indexes. */
export function wasmRule(
  stratum: FormedStratum,
  needs: readonly IndexNeed[],
  rule: RulePlan,
): WasmRule {
  const heads = headsOf(rule).map((at) => relationText(stratum, at));
  return written(heads, (body, constants) => {
    const saved = () => heads.filter(insertsInto).flatMap((one) => savedRows(body, one));
    const slots = new Map<number, Operand>();
    const scope = { stratum, needs, domain: stratum.domain, slots, constants, saved };
    writeRoot(body, scope, rule.root);
    for (const one of saved()) body.write(one);
  });
}

/** Returns a rule that has no obstacle in two halves: one gathers what it derives, as far as that
 * is not known to be in, and changes nothing; the other puts in what was gathered. Nothing where
 * rows cannot be given out, or the store has a say in what comes in. */
export function wasmHalves(
  stratum: FormedStratum,
  needs: readonly IndexNeed[],
  rule: RulePlan,
): { readonly gathering: WasmRule; readonly putting: WasmRule } | undefined {
  const [head, ...others] = headsOf(rule);
  if (head === undefined || others.length > 0 || firstScan(rule) === undefined) return undefined;
  const relation = relationText(stratum, head);
  if (!insertsInto(relation) || relation.arity === 0) return undefined;
  const gathering = written([relation], (body, constants) => {
    const slots = new Map<number, Operand>();
    const scope = { stratum, needs, domain: stratum.domain, slots, constants, gathers: true };
    writeRoot(body, { ...scope, saved: () => [] }, rule.root);
    body.write(body.saved({ kind: "gatheredSize" }));
    body.write(body.saved({ kind: "gatheredFrom" }));
  });
  const putting = written([relation], (body) => {
    writeGathered(body, relation);
    for (const one of savedRows(body, relation)) body.write(one);
  });
  return { gathering, putting };
}

function written(
  relations: readonly RelationText[],
  write: (body: Body, constants: Constant[]) => void,
): WasmRule {
  const body = new Body();
  const constants: Constant[] = [];
  write(body, constants);
  const { locals, imports, fields } = body;
  const module = {
    ...{ imports, locals, parameters: 3 },
    body: [...body.fetched(), ...body.instructions],
  };
  return { module, fields, heads: relations.map(({ at }) => at), constants };
}
