// The functors that a program declares and calls, and what computes them.
import { assert } from "../base/assert.ts";
import type { Diagnostic } from "../base/diagnostic.ts";
import type { Environment, OnWords } from "../codegen/code.ts";
import type { Plan } from "../plan/plan.ts";
import { onWords, type Implementation, type Implementations } from "../value/user-functor.ts";
import type { Values } from "../value/values.ts";

/** Returns an error for each functor that rules call and nothing computes. */
export function missingFunctors(
  { functors }: Pick<Plan, "functors">,
  given: Implementations = {},
): Diagnostic[] {
  return functors.flatMap(({ name, span }) => {
    if (implementationOf(name, given) !== undefined) return [];
    const found = Object.hasOwn(given, name) ? "what is given for it is no function" : undefined;
    return {
      severity: "error",
      code: "missing-functor",
      message: `functor "${name}" is called and not implemented`,
      span,
      ...(found === undefined ? {} : { notes: [found] }),
      hint: `give a function \`${name}\`: \`calm run --functors FILE\`, where FILE exports it`,
    };
  });
}

/** Returns what makes a functor run on the words of `values`. */
export function functorOf(values: Values, given: Implementations = {}): Environment["functor"] {
  const made = new Map<string, OnWords>();
  return (user) => {
    let functor = made.get(user.name);
    if (functor === undefined) {
      const implementation = implementationOf(user.name, given);
      assert(implementation !== undefined, `functor ${user.name} is implemented`);
      functor = onWords(user, implementation, values);
      made.set(user.name, functor);
    }
    return functor;
  };
}

function implementationOf(name: string, given: Implementations): Implementation | undefined {
  const found: unknown = Object.hasOwn(given, name) ? given[name] : undefined;
  return typeof found === "function" ? (found as Implementation) : undefined;
}
