import type { FormedStratum } from "./access.ts";
import { accumulator } from "./accumulator.ts";
import type { Environment, StratumCode } from "./code.ts";
import { emitted, parameters } from "./emit.ts";
import { intersectionOf } from "./intersection.ts";
import { range } from "./range.ts";

/** Returns the code of a stratum as machine code in waiting: a function that binds it to an
 * environment. The only place where text becomes code (invariant 5). */
export function link(stratum: FormedStratum): (environment: Environment) => StratumCode {
  const { text, constants, aggregates, functors, intersections } = emitted(stratum);
  const body = new Function(...parameters, text) as (...bound: unknown[]) => StratumCode;
  return (environment) => {
    const { stores, classes, indexes, values, counters, tally } = environment;
    const words = constants.map(({ of, value }) => values.encode(of, value));
    const accumulators = aggregates.map((one) => accumulator(one, environment));
    const bound: Record<(typeof parameters)[number], unknown> = {
      ...{ stores, classes, indexes, constants: words, accumulators },
      ...{ values, operations: environment.operations, counters, range, tally },
      functors: functors.map(environment.functor),
      intersections: intersections.map((sides) => intersectionOf(stratum, sides, environment)),
    };
    return body(...parameters.map((name) => bound[name]));
  };
}
