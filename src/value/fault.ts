import type { Code } from "./codes.ts";

/** What can go wrong while values are computed. */
export type FaultCode = Exclude<Code, "bad-pattern" | "bad-position">;

/** A computation that has no value: a division by zero, a text that is no number. Whoever runs
 * rules catches it and says at which rule it happened. */
export class EvaluationFault extends Error {
  override readonly name = "EvaluationFault";
  readonly code: FaultCode;

  constructor(code: FaultCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** The fault of an integer division or remainder by zero. */
export function dividedByZero(operator: "/" | "%"): EvaluationFault {
  return new EvaluationFault("division-by-zero", `the right side of ${operator} is 0`);
}

/** The fault of a text that is no number, or none that the domain can hold. */
export function notANumber(functor: string, text: string): EvaluationFault {
  const shown = JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
  return new EvaluationFault("not-a-number", `${functor}(${shown}) is no number of the domain`);
}

/** The fault of a cast to `symbol` of a number that no symbol has. */
export function noSymbol(number: number | bigint): EvaluationFault {
  return new EvaluationFault("not-a-symbol", `no symbol has the number ${number}`);
}
