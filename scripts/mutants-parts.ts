// Planted bugs in how programs are evaluated in parts.
import { type Mutant, simulatedIn } from "./mutant.ts";

const rewriting = "src/plan/partition-rewriting.ts";
const closure = "closure in parts";
const rooms = "rooms in parts";

/** Bugs of what is sent to owners, and of when owners answer. */
export const partsMutants: readonly Mutant[] = [
  simulatedIn(rooms, "answer before keys are sealed", [
    rewriting,
    "const body = [...seals, ...rule.body.map(",
    "const body = [...rule.body.map(",
  ]),
  simulatedIn(closure, "leave tuples where they are derived", [
    rewriting,
    "  draft.rules.push(sentToOwner(draft, { ...plain, body }, key));\n",
    "  draft.rules.push({ ...plain, body });\n",
  ]),
  simulatedIn(closure, "send the second owner nothing", [
    rewriting,
    "    draft.rules.push(sentToOwner(draft, accepted, other));\n",
    "",
  ]),
  simulatedIn(closure, "send nothing on that arrives at another node", [
    rewriting,
    "    draft.rules.push(sentToOwner(draft, rule, key));\n",
    "    draft.rules.push(guarded(draft, rule, key));\n",
  ]),
  simulatedIn(closure, "hand over one relation too few", [
    rewriting,
    "  draft.handover.push(sentToOwner(draft, elsewhere, key));\n",
    "  if (at > 0) draft.handover.push(sentToOwner(draft, elsewhere, key));\n",
  ]),
  simulatedIn(rooms, "hand over what stays, and keep what goes", [
    rewriting,
    'const elsewhere = guarded(draft, passing(relation, at, at), key, "!=");',
    'const elsewhere = guarded(draft, passing(relation, at, at), key, "=");',
  ]),
];
