// JavaScript for aggregates: what adds up, around the operations that give the values.
import type { Operation } from "../plan/plan.ts";
import { inlineMin } from "../value/word.ts";
import { comparisonText, emitValue, slotText, type Scope } from "./emit-expression.ts";
import type { Writer } from "./writer.ts";

/** Writes what is done with a value, so many times over; `times` is given only where
 * `counts` says that values do not matter. */
export type Accumulate = {
  readonly counts: boolean;
  readonly add: (value: string | undefined, times?: string) => void;
};

/** Writes operations: those of the aggregate's body with what is done with its values, those after
 * the aggregate without. */
type Inside = (operation: Operation, accumulate?: Accumulate) => void;

type Aggregated = Extract<Operation, { kind: "aggregate" }>;

/** Writes an aggregate and what goes on with its result. */
export function emitAggregate(
  writer: Writer,
  scope: Scope,
  operation: Aggregated,
  inside: Inside,
): void {
  const slot = slotText(scope, operation.slot);
  if (operation.name === "count") {
    const count = writer.name();
    writer.line(`let ${count} = 0;`);
    inside(operation.body, {
      counts: true,
      add: (_, times = "1") => writer.line(`${count} += ${times};`),
    });
    const exact = scope.domain === 32 ? `${count} | 0` : ofCount(count);
    writer.line(`const ${slot} = ${exact};`);
    inside(operation.then);
    return;
  }
  if (inPlace(scope, operation)) {
    emitInPlace(writer, scope, operation, inside);
    return;
  }
  const total = `accumulator${writer.aggregates.push(operation) - 1}`;
  const start = operation.fold && emitValue(writer, scope, operation.fold.start);
  writer.line(`${total}.reset(${start ?? ""});`);
  inside(operation.body, {
    counts: false,
    add: (value) => writer.line(`${total}.add(${value ?? "0"});`),
  });
  writer.open(`if (${total}.defined()) {`);
  writer.line(`const ${slot} = ${total}.result();`);
  inside(operation.then);
  writer.close();
}

/** Whether an aggregate is computed in local variables. */
function inPlace({ domain }: Scope, { name, of }: Aggregated): boolean {
  if (of !== "number" && of !== "unsigned") return false;
  return name === "min" || name === "max" || (name === "sum" && domain === 32);
}

function emitInPlace(
  writer: Writer,
  scope: Scope,
  { name, of, slot, body, then }: Aggregated,
  inside: Inside,
): void {
  const result = writer.name();
  writer.line(`let ${result} = 0;`);
  if (name === "sum") {
    inside(body, {
      counts: false,
      add: (value = "0") => writer.line(`${result} = ${result} + ${value} | 0;`),
    });
    writer.line(`const ${slotText(scope, slot)} = ${result};`);
    inside(then);
    return;
  }
  const some = writer.name();
  writer.line(`let ${some} = false;`);
  inside(body, {
    counts: false,
    add: (value = "0") => {
      const better = comparisonText(scope.domain, name === "min" ? "<" : ">", of, value, result);
      writer.open(`if (!${some} || (${better})) {`);
      writer.line(`${result} = ${value};`);
      writer.line(`${some} = true;`);
      writer.close();
    },
  });
  writer.open(`if (${some}) {`);
  writer.line(`const ${slotText(scope, slot)} = ${result};`);
  inside(then);
  writer.close();
}

function ofCount(count: string): string {
  return `${count} < ${-inlineMin} ? ${count} : values.ofInteger(${count})`;
}
