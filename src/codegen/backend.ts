import type { FormedStratum } from "./access.ts";
import type { Environment, StratumCode } from "./code.ts";
import { interpret } from "./interpret.ts";
import { link } from "./link.ts";

/** A way to run plans: from a stratum's plan to its rules, which are then bound to the relations
 * that they work on. All ways derive the same tuples, in the same order. */
export type Backend = (stratum: FormedStratum) => (environment: Environment) => StratumCode;

/** Plans become JavaScript, which the machine compiles. */
export const compiled: Backend = link;

/** Plans are run as they are: the reference, and the way where `eval` is forbidden. */
export const interpreted: Backend = interpret;
