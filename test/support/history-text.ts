// Histories as text, a line for each transaction or operation, in the form of our reports.
import type { ListAccess, ListTransaction } from "../../src/sim/histories/list-history.ts";
import type { KeyedOperation, RegisterOperation } from "../../src/sim/histories/register.ts";

/** Reads transactions: `a ok 0-3: append x 1, read y [2 3]`. */
export function readListHistory(text: string): ListTransaction[] {
  return text.split("\n").map((line) => {
    const found = /^(\w+) (ok|fail|info) (\d+)-(\d*): (.*)$/.exec(line);
    if (found === null) throw new Error(`not a transaction: ${line}`);
    const [, process = "", outcome, from, to, accesses = ""] = found;
    return {
      process,
      outcome: outcome as ListTransaction["outcome"],
      from: Number(from),
      to: to === "" ? Infinity : Number(to),
      accesses: accesses.split(", ").map(access),
    };
  });
}

function access(text: string): ListAccess {
  const append = /^append (\w+) (\w+)$/.exec(text);
  if (append !== null) {
    const [, key = "", element = ""] = append;
    return { kind: "append", key, element };
  }
  const read = /^read (\w+)(?: \[(.*)\])?$/.exec(text);
  if (read === null) throw new Error(`not an access: ${text}`);
  const [, key = "", elements] = read;
  return { kind: "read", key, elements: elements?.split(" ").filter((of) => of !== "") };
}

/** Reads operations: `a 0-3: cas x 1 2 done`; without an end, nobody knows how one ended. */
export function readRegisterHistory(text: string): KeyedOperation[] {
  return text.split("\n").map((line) => {
    const found = /^(\w+) (\d+)-(\d*): (\w+) (\w+)(?: (.*))?$/.exec(line);
    if (found === null) throw new Error(`not an operation: ${line}`);
    const [, process = "", from, to, kind = "", key = "", rest = ""] = found;
    return {
      ...{ process, key, from: Number(from), ...(to !== "" && { to: Number(to) }) },
      operation: operation(kind, rest.split(" ")),
    };
  });
}

function operation(kind: string, [first = "", second = "", how]: string[]): RegisterOperation {
  if (kind === "write") return { kind, value: first };
  if (kind === "read") return { kind, value: first === "nothing" ? undefined : first };
  if (kind !== "cas") throw new Error(`not an operation: ${kind}`);
  return { kind, from: first, to: second, done: how === undefined ? undefined : how === "done" };
}
