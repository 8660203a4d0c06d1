// Registers: objects with one value each, which is written, read, and changed if it is what one
// expects. They are judged one by one: a history is linearizable if that of each object is
// (Herlihy and Wing, 1990).
import { transactionName } from "./anomaly.ts";
import { linearize, type SequentialModel, type TimedOperation } from "./linearize.ts";

/** An operation on a register, with its result. A register has no value at first. */
export type RegisterOperation =
  | { readonly kind: "write"; readonly value: string }
  | { readonly kind: "read"; readonly value: string | undefined }
  /** Puts `to` in place of `from`; `done` is whether `from` was there, undefined where nobody
   * knows. */
  | {
      readonly kind: "cas";
      readonly from: string;
      readonly to: string;
      readonly done: boolean | undefined;
    };

/** An operation on one of several registers. */
export type KeyedOperation = TimedOperation<RegisterOperation> & { readonly key: string };

type RegisterState = { readonly value: string | undefined };

/** What a register does by itself. */
export const registerModel: SequentialModel<RegisterState, RegisterOperation> = {
  initial: { value: undefined },
  step(state, operation) {
    switch (operation.kind) {
      case "write":
        return { value: operation.value };
      case "read":
        return operation.value === state.value ? state : undefined;
      case "cas": {
        const { from, to, done } = operation;
        const does = state.value === from;
        if (done !== undefined && done !== does) return undefined;
        return does ? { value: to } : state;
      }
    }
  },
  stateText: ({ value }) => (value === undefined ? "" : `=${value}`),
};

/** Returns for each register that is not linearizable what shows it, as text; an empty list where
 * all are. What is read in an operation that did not return is of no meaning: it is left out. */
export function checkRegisters(history: readonly KeyedOperation[]): string[] {
  const meant = history.filter(
    ({ operation, to }) => operation.kind !== "read" || to !== undefined,
  );
  const byKey = new Map<string, KeyedOperation[]>();
  for (const of of meant) byKey.set(of.key, [...(byKey.get(of.key) ?? []), of]);
  return [...byKey].flatMap(([key, operations]) => {
    const result = linearize(operations, registerModel);
    if (result.kind === "linearizable") return [];
    if (result.kind === "unknown")
      return [`register ${key}: not decided within the limit of steps`];
    const line = (at: number): string => {
      const operation = operations[at];
      return operation === undefined ? "" : `${transactionName(at)} = ${registerText(operation)}`;
    };
    return [
      [
        `register ${key} is not linearizable`,
        ...result.order.map((at) => `  ${line(at)}`),
        `  and then nothing that fits before the return of ${line(result.stuck)}`,
      ].join("\n"),
    ];
  });
}

/** Returns an operation on a register as a line: `a 0-3: cas x 1 2 done`. */
export function registerText(of: KeyedOperation): string {
  const { from, to, key, operation } = of;
  return `${of.process} ${from}-${to ?? ""}: ${textOf()}`;

  function textOf(): string {
    switch (operation.kind) {
      case "write":
        return `write ${key} ${operation.value}`;
      case "read":
        return `read ${key} ${operation.value ?? "nothing"}`;
      case "cas": {
        const { from: expected, to: value, done } = operation;
        const how = done === undefined ? "" : done ? " done" : " refused";
        return `cas ${key} ${expected} ${value}${how}`;
      }
    }
  }
}
