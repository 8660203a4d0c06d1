import { setFlags } from "./v8-flags.ts";

/** So many bytes of facts are much: to read them takes longer than to optimise all that reads. */
const bytesMin = 1 << 24;

/** Has V8 optimise as fully as it does unless told, where so many bytes are to be read. */
export function preparedToRead(bytes: number): void {
  if (bytes < bytesMin) return;
  setFlags("--max-inlined-bytecode-size-cumulative=920", "--turbo-loop-peeling");
}
