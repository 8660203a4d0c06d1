import type { Implementations } from "../value/user-functor.ts";
import type { Cone } from "./cone.ts";

/** Why no witness is looked for, if that is so: what one evaluation derives is not yet the answer,
 * or would not be the same the next time. */
export function unsearched(cone: Cone, functors: Implementations): string | undefined {
  const { program, relations, inputs, rules } = cone;
  for (const at of relations) {
    const { name, place } = program.relations[at] ?? { name: "" };
    if (place?.ordered !== undefined) return `relation "${name}" is changed by transactions`;
    if (place?.system !== undefined) return `relation "${name}" is given by the network`;
    if (place?.event === true) return `relation "${name}" is an event`;
    if (place?.message === true) return `relation "${name}" is a message`;
  }
  if (rules.some(({ when }) => when !== undefined))
    return "what holds in a later step is not derived in this one";
  for (const { name, stateful } of program.functors) {
    if (stateful) return `functor "${name}" is stateful`;
    if (!Object.hasOwn(functors, name)) return `functor "${name}" is not given`;
  }
  return inputs.length === 0 ? "it depends on no input" : undefined;
}
