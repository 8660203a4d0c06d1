import type { FormedStratum } from "./access.ts";
import type { Environment, StratumCode } from "./code.ts";
import { interpret } from "./interpret.ts";
import { link } from "./link.ts";

/** A way to run plans: from a stratum's plan to its rules, which are then bound to the relations
 * that they work on. All ways derive the same tuples, in the same order. */
export type Backend = (stratum: FormedStratum) => (environment: Environment) => StratumCode;

/** A rule that has met so many rows is worth it to be made anew in WebAssembly. */
const wasmFromRows = 1 << 10;

/** Plans become JavaScript, and rules that have much to do WebAssembly, which the machine
 * compiles. */
export const compiled: Backend = (stratum) => link(stratum, wasmFromRows);

/** Plans become JavaScript alone. */
export const javascript: Backend = (stratum) => link(stratum, Infinity);

/** Plans become WebAssembly from the first row on, but for rules that stay in JavaScript. */
export const webAssembly: Backend = (stratum) => link(stratum, 0);

/** Plans are run as they are: the reference, and the way where `eval` is forbidden. */
export const interpreted: Backend = interpret;
