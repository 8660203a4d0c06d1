import { setFlagsFromString } from "node:v8";

/** So many bytes of facts are much: to read them takes longer than to optimise all that reads. */
const bytesMin = 1 << 24;

/** Versions for which the command's launcher has V8 optimise less (scripts/launcher.cjs). */
const versions = ["v20.", "v22.", "v24."];

/** Has V8 optimise as fully as it does unless told, where so many bytes are to be read. */
export function preparedToRead(bytes: number): void {
  if (bytes < bytesMin || !versions.some((name) => process.version.startsWith(name))) return;
  setFlagsFromString("--max-inlined-bytecode-size-cumulative=920");
  setFlagsFromString("--turbo-loop-peeling");
}
