// How a program with transactions understands requests: a request of type T is the transaction T,
// whose parameters are named as the fields of bodies, or `src`, `dest`, `msg_id`; its reply is what
// it inserts into `T_ok`.
import type { Program, Relation, Transaction } from "../analysis/program.ts";
import type { Result } from "../calvin/ending.ts";
import type { Row } from "../calvin/transaction.ts";
import { structured, type Attribute, type Value } from "../value/schema.ts";
import { jsonValue } from "./json-value.ts";
import { type ErrorName, errorCodes, type Message } from "./maelstrom-messages.ts";
import { envelope, fieldOf, type Refused, refused, type Reply } from "./maelstrom-requests.ts";
import { valueFromJson } from "./value-from-json.ts";

/** What a request is to a program with transactions. */
export type UnderstoodTransaction =
  | { readonly kind: "call"; readonly transaction: string; readonly args: readonly Value[] }
  | { readonly kind: "nothing" }
  | Refused;

/** The operations of a transaction, as its request has them. */
type Operations = readonly (readonly unknown[])[];

/** The operation that a reply gives its value. */
const reads = "r";

/** The requests of a program with transactions. */
export class TransactionRequests {
  private readonly program: Program;

  constructor(program: Program) {
    this.program = program;
  }

  /** Returns what a request is. */
  understand(message: Message): UnderstoodTransaction {
    const { body } = message;
    const transaction = this.program.transactions.find(({ name }) => name === body.type);
    if (transaction === undefined)
      return body.type === "topology"
        ? { kind: "nothing" }
        : refused("not-supported", `the program has no transaction "${body.type}"`);
    const { name, parameters } = transaction;
    for (const field of Object.keys(body))
      if (!envelope.has(field) && !parameters.some((of) => of.name === field))
        return refused("not-supported", `the transaction "${name}" has no parameter "${field}"`);
    const args: Value[] = [];
    for (const parameter of parameters) {
      const json = fieldOf(parameter.name, message);
      if (json === undefined)
        return refused("malformed-request", `"${name}" has no field "${parameter.name}"`);
      const value = this.argument(parameter, json);
      if (value === undefined)
        return refused("malformed-request", `field "${parameter.name}" is no ${parameter.type}`);
      args.push(value);
    }
    return { kind: "call", transaction: name, args };
  }

  /** Returns the reply to a request whose transaction has ended. */
  reply(message: Message, result: Exclude<Result, { readonly kind: "restart" }>): Reply | Refused {
    const { type } = message.body;
    if (result.kind === "failed") return refused("abort", result.reason);
    if (result.kind === "aborted")
      return isErrorName(result.reason)
        ? refused(result.reason, `the transaction "${type}" says so`)
        : refused("abort", result.reason);
    const at = this.program.relations.findIndex(({ name }) => name === `${type}_ok`);
    const relation = this.program.relations[at];
    if (relation === undefined) return { kind: "reply", fields: {} };
    const rows = result.inserted.filter((row) => row.relation === at);
    const listed = this.listParameter(type);
    const placeAt = relation.attributes.findIndex(({ name }) => name === "place");
    if (listed !== undefined && placeAt >= 0) {
      const operations = fieldOf(listed.name, message) as Operations;
      const values = this.valuesByPlace(relation, rows, placeAt);
      return { kind: "reply", fields: { [listed.name]: operations.map(answered(values)) } };
    }
    const [row, ...others] = rows;
    if (row === undefined || others.length > 0)
      return refused("crash", `it was done, and inserted ${rows.length} rows into "${type}_ok"`);
    return { kind: "reply", fields: this.fields(relation, row) };
  }

  private fields({ attributes }: Relation, { values }: Row): Readonly<Record<string, unknown>> {
    return Object.fromEntries(
      attributes.flatMap(({ name, kind }, at) =>
        envelope.has(name) ? [] : [[name, this.json(kind, values[at])] as const],
      ),
    );
  }

  /** What operations read: the value of the only row of their place; where rows have an `at`, the
   * list of their values in its order. */
  private valuesByPlace(
    { attributes }: Relation,
    rows: readonly Row[],
    placeAt: number,
  ): (place: number) => unknown {
    const column = (wanted: string): number => attributes.findIndex(({ name }) => name === wanted);
    const [at, valueAt] = [column("at"), column("value")];
    const { kind } = attributes[valueAt] ?? { kind: "number" };
    return (place) => {
      const own = rows.filter(({ values }) => Number(values[placeAt]) === place);
      const sorted = own.toSorted((a, b) => Number(a.values[at]) - Number(b.values[at]));
      const values = sorted.map(({ values: of }) => this.json(kind, of[valueAt]));
      return at < 0 ? (values[0] ?? null) : values;
    };
  }

  private argument({ kind }: Attribute, json: unknown): Value | undefined {
    const fields = this.listed(kind);
    if (fields === undefined) return valueFromJson(kind, json, this.program);
    if (!Array.isArray(json)) return undefined;
    let list: Value = null;
    for (const operation of (json as unknown[]).toReversed()) {
      if (!Array.isArray(operation) || operation.length !== fields.length) return undefined;
      const values: (Value | undefined)[] = fields.map((field, at) =>
        operation[0] === reads && operation[at] === null
          ? zero(field)
          : valueFromJson(field.kind, operation[at], this.program),
      );
      if (values.includes(undefined)) return undefined;
      list = [...(values as Value[]), list];
    }
    return list;
  }

  private listParameter(transaction: string): Attribute | undefined {
    const found: Transaction | undefined = this.program.transactions.find(
      ({ name }) => name === transaction,
    );
    return found?.parameters.find(({ kind }) => this.listed(kind) !== undefined);
  }

  /** The fields of an operation, where a kind is that of a list of operations: a record whose last
   * field is the rest of the list. */
  private listed(kind: Attribute["kind"]): readonly Attribute[] | undefined {
    const structure = structured(kind) ? this.program.structures.get(kind) : undefined;
    if (structure?.kind !== "record" || structure.fields.at(-1)?.kind !== kind) return undefined;
    return structure.fields.slice(0, -1);
  }

  private json(kind: Attribute["kind"], value: Value | undefined): unknown {
    return jsonValue(kind, value ?? null, this.program.structures);
  }
}

function answered(values: (place: number) => unknown) {
  return (operation: readonly unknown[], place: number): readonly unknown[] =>
    operation[0] === reads ? [...operation.slice(0, -1), values(place)] : operation;
}

/** What stands for a value that an operation does not have. */
function zero({ kind }: Attribute): Value | undefined {
  switch (kind) {
    case "number":
    case "unsigned":
      return 0n;
    case "float":
      return 0;
    case "symbol":
      return "";
    default:
      return null;
  }
}

function isErrorName(reason: string): reason is ErrorName {
  return Object.hasOwn(errorCodes, reason);
}
