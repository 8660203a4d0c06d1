import { setFlagsFromString } from "node:v8";

/** Versions that know the flags that are set here, and for which the command's launcher has V8
 * optimise less (scripts/launcher.cjs). Others may not know them, and would say so. */
const versions = ["v20.", "v22.", "v24."];

/** Sets flags of V8, which hold for what it compiles from now on. */
export function setFlags(...flags: readonly string[]): void {
  if (!versions.some((name) => process.version.startsWith(name))) return;
  for (const flag of flags) setFlagsFromString(flag);
}
