import type { Memory } from "../../src/engine/memory.ts";
import { Relation } from "../../src/engine/relation.ts";
import type { FormRules } from "../../src/engine/set-choice.ts";

/** Returns an empty relation of so many columns of numbers. */
export function relationOfNumbers(arity: number, memory: Memory, rules?: FormRules): Relation {
  const attributes = Array.from({ length: arity }, (_, at) => ({
    ...{ name: `a${at}`, type: "number", kind: "number" as const },
  }));
  return new Relation({ name: "r", attributes }, memory, rules);
}
