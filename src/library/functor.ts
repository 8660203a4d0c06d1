import type { Program } from "../analysis/program.ts";
import type { Diagnostic } from "../base/diagnostic.ts";
import { missingFunctors } from "../engine/functors.ts";
import { kindClass, type PrimitiveKind } from "../value/schema.ts";
import type { Implementation, Implementations } from "../value/user-functor.ts";
import { CalmError } from "./calm-error.ts";
import type { GivenOf, ValueOf } from "./column-types.ts";

/** A function that computes a functor, with the signature that it was written for. */
export type Functor = Implementation & {
  readonly parameters: readonly PrimitiveKind[];
  readonly result: PrimitiveKind;
};

/** Returns a function that computes a functor, typed by the signature that the program declares for
 * it: `.functor repeat(text: symbol, times: number): symbol`. The signature is compared when a
 * program is compiled with it.
 *
 * ```ts
 * import { Engine, functor } from "calmdb";
 *
 * const repeat = functor(["symbol", "number"], "symbol", (text, times) =>
 *   text.repeat(Number(times)),
 * );
 * const engine = Engine.compile(
 *   `.functor repeat(text: symbol, times: number): symbol
 *    .decl word(text: symbol)
 *    word(@repeat("ho", 3)).`,
 *   { functors: { repeat } },
 * );
 * console.log(engine.run().rows("word"));
 * //=> [ { text: 'hohoho' } ]
 * ```
 */
export function functor<const P extends readonly PrimitiveKind[], T extends PrimitiveKind>(
  parameters: P,
  result: T,
  implementation: (...values: { readonly [At in keyof P]: ValueOf<P[At]> }) => GivenOf<T>,
): Functor {
  const computed = (...values: never[]): unknown => {
    const found: unknown = (implementation as Implementation)(...values);
    const integer = result === "number" || result === "unsigned";
    return integer && Number.isSafeInteger(found) ? BigInt(found as number) : found;
  };
  return Object.assign(computed, { parameters, result });
}

/** Returns an error for each functor that rules call and nothing is given for. */
export function lackingFunctors(
  called: Pick<Program, "functors">,
  given: Implementations,
): Diagnostic[] {
  const hint = "give a function of that name in `functors`";
  return missingFunctors(called, given).map((missing) => ({ ...missing, hint }));
}

/** Throws where functors were written for other signatures than the program declares. */
export function checkSignatures(
  { functors }: Pick<Program, "functors">,
  given: Implementations,
): void {
  for (const { name, parameters, result } of functors) {
    const one = Object.hasOwn(given, name) ? given[name] : undefined;
    if (one === undefined || !isFunctor(one)) continue;
    const declared = signature(parameters.map(kindClass), kindClass(result));
    const written = signature(one.parameters, one.result);
    if (declared === written) continue;
    const message = `functor "${name}" is given as ${written}, and declared as ${declared}`;
    throw new CalmError("wrong-signature", message);
  }
}

function isFunctor(one: Implementation): one is Functor {
  return "parameters" in one && "result" in one;
}

function signature(parameters: readonly string[], result: string): string {
  return `(${parameters.join(", ")}): ${result}`;
}
