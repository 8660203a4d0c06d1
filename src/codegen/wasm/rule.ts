// A rule as a WebAssembly module of one function, which is run on a block of rows at a time. A
// function of the plan alone, byte for byte (invariant 5).
import type { RulePlan } from "../../plan/plan.ts";
import { headOf, type FormedStratum, type IndexNeed } from "../access.ts";
import { relationText } from "../emit-operation.ts";
import type { Constant } from "../writer.ts";
import { Body } from "./body.ts";
import type { Field } from "./field.ts";
import type { Operand } from "./instruction.ts";
import type { WasmModule } from "./module.ts";
import { operationObstacle, writeRoot } from "./operation.ts";
import { insertsInto, savedRows } from "./tuples.ts";

/** A rule in WebAssembly: its parameters are the rows [from, to) of its first scan and the address
 * of its frame. */
export type WasmRule = {
  readonly module: WasmModule;
  /** What the words of the frame are. */
  readonly fields: readonly Field[];
  /** The relation whose tuples it derives. */
  readonly head: number;
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
  const body = new Body();
  const constants: Constant[] = [];
  const head = headOf(rule);
  const relation = relationText(stratum, head);
  const saved = () => (insertsInto(relation) ? savedRows(body, relation) : []);
  const slots = new Map<number, Operand>();
  writeRoot(body, { stratum, needs, domain: stratum.domain, slots, constants, saved }, rule.root);
  for (const one of saved()) body.write(one);
  const { locals, imports, fields } = body;
  const module = {
    ...{ imports, locals, parameters: 3 },
    body: [...body.fetched(), ...body.instructions],
  };
  return { module, fields, head, constants };
}
