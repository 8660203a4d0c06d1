// How a program understands requests: a request of type T is a fact of its input T; the reply is a
// tuple of its output T_ok. Attributes are named as the fields of bodies, or `src`, `dest`.
import type { Relation } from "../analysis/program.ts";
import { assert } from "../base/assert.ts";
import type { Fact } from "../transducer/fact.ts";
import type { Change } from "../transducer/protocol.ts";
import { structured, type Attribute, type Value } from "../value/schema.ts";
import { jsonValue } from "./json-value.ts";
import { type Body, errorBody, type ErrorName, type Message } from "./maelstrom-messages.ts";
import { Replies } from "./maelstrom-replies.ts";
import type { NodeProgram } from "./node-program.ts";
import { valueFromJson } from "./value-from-json.ts";

/** What a request is to a program: `told`, a fact that is inserted and then acknowledged; `asked`,
 * answered with what is known. */
export type Understood =
  { readonly kind: "told"; readonly fact: Fact } | { readonly kind: "asked" } | Refused;

/** A request that is answered with an error. */
export type Refused = {
  readonly kind: "refused";
  readonly error: ErrorName;
  readonly text: string;
};

/** The reply to a request: its fields. */
export type Reply = { readonly kind: "reply"; readonly fields: Readonly<Record<string, unknown>> };

/** Fields of the message, not of what it is about: replies do not repeat them. */
export const envelope: ReadonlySet<string> = new Set([
  "src",
  "dest",
  "msg_id",
  "type",
  "in_reply_to",
]);

/** Requests that no set of facts answers. */
const inOrder: ReadonlySet<string> = new Set(["write", "cas", "txn"]);

/** The requests of one program. */
export class Requests {
  private readonly program: NodeProgram;
  private readonly inputs: ReadonlyMap<string, number>;
  private readonly outputs: ReadonlyMap<string, number>;
  private readonly replies: ReadonlyMap<number, Replies>;

  /** `tuples` gives what an output holds at the start. */
  constructor(program: NodeProgram, tuples: (relation: number) => readonly Fact["values"][]) {
    const { roles } = program.network;
    const named = (role: "input" | "output"): Map<string, number> =>
      new Map(
        program.program.relations.flatMap(({ name }, at) =>
          roles[at]?.[role] === true ? [[name, at] as const] : [],
        ),
      );
    this.program = program;
    this.inputs = named("input");
    this.outputs = named("output");
    this.replies = new Map(
      [...this.outputs]
        .filter(([name]) => name.endsWith("_ok"))
        .map(([, at]) => [at, new Replies(this.relation(at), tuples(at))]),
    );
  }

  /** Takes in what became of outputs. */
  take(changes: readonly Change[]): void {
    for (const change of changes) this.replies.get(change.relation)?.take(change);
  }

  /** Returns what a request is. */
  understand(message: Message): Understood {
    const { type } = message.body;
    const [input, output] = [this.inputs.get(type), this.outputs.get(`${type}_ok`)];
    if (input === undefined && output === undefined) {
      if (type === "topology") return { kind: "asked" };
      const why = inOrder.has(type)
        ? `"${type}" needs an order of all requests, which there is none of`
        : `the program has no input "${type}" and no output "${type}_ok"`;
      return refused("not-supported", why);
    }
    const attributes = [input, output].flatMap((at) =>
      at === undefined ? [] : this.relation(at).attributes,
    );
    for (const field of Object.keys(message.body))
      if (!envelope.has(field) && !attributes.some(({ name }) => name === field))
        return refused("not-supported", `the program knows no field "${field}" of "${type}"`);
    if (input === undefined) return { kind: "asked" };
    const values = this.valuesOf(this.relation(input).attributes, message);
    return "kind" in values ? values : { kind: "told", fact: { relation: input, values } };
  }

  /** Returns the reply to a request that was understood, and inserted where it was told: the tuple
   * of `T_ok` that agrees with the request in all that both have. */
  reply(message: Message): Reply | Refused {
    const { type } = message.body;
    const output = this.outputs.get(`${type}_ok`);
    if (output === undefined) return { kind: "reply", fields: {} };
    const relation = this.relation(output);
    const replies = this.replies.get(output);
    const { attributes } = relation;
    const columns = attributes.flatMap(({ name }, at) =>
      replies?.tells(at) === true && fieldOf(name, message) !== undefined ? [at] : [],
    );
    const key = this.valuesOf(
      attributes.filter((_, at) => columns.includes(at)),
      message,
    );
    if ("kind" in key) return key;
    const [tuple, ...others] = replies?.find(columns, key) ?? [];
    if (others.length > 0)
      return refused("crash", `${others.length + 1} tuples of "${relation.name}" are replies`);
    const values = tuple ?? this.least(relation, columns, key);
    if (values === undefined) return this.unanswered(relation, columns, type);
    const { structures } = this.program.schema;
    const fields = attributes.flatMap(({ name, kind }, at) =>
      envelope.has(name) ? [] : [[name, jsonValue(kind, values[at] ?? null, structures)] as const],
    );
    return { kind: "reply", fields: Object.fromEntries(fields) };
  }

  /** The tuple of empty sets and maps, where there is nothing else to be known. */
  private least(
    { attributes }: Relation,
    columns: readonly number[],
    key: readonly Value[],
  ): Value[] | undefined {
    if (columns.length === attributes.length) return undefined;
    const values = attributes.map(({ kind }, at): Value | undefined => {
      if (columns.includes(at)) return key[columns.indexOf(at)];
      const { structures } = this.program.schema;
      const structure = structured(kind) ? structures.get(kind) : undefined;
      if (structure?.kind === "set") return { elements: [] };
      return structure?.kind === "map" ? { pairs: [] } : undefined;
    });
    return values.includes(undefined) ? undefined : (values as Value[]);
  }

  private unanswered({ name }: Relation, columns: readonly number[], type: string): Refused {
    // What was told has happened, and may be answered by what is to come.
    if (this.inputs.has(type)) return refused("crash", `no tuple of "${name}" acknowledges it`);
    return columns.length > 0
      ? refused("key-does-not-exist", `no tuple of "${name}" answers it`)
      : refused("temporarily-unavailable", `there is no tuple of "${name}" yet`);
  }

  /** The values of the fields that attributes are named after. */
  private valuesOf(attributes: readonly Attribute[], message: Message): Value[] | Refused {
    const values: Value[] = [];
    for (const { name, type, kind } of attributes) {
      const json = fieldOf(name, message);
      if (json === undefined)
        return refused("malformed-request", `"${message.body.type}" has no field "${name}"`);
      const value = valueFromJson(kind, json, this.program.schema);
      if (value === undefined) return refused("malformed-request", `field "${name}" is no ${type}`);
      values.push(value);
    }
    return values;
  }

  private relation(at: number): Relation {
    const relation = this.program.program.relations[at];
    assert(relation !== undefined, `a program has a relation ${at}`);
    return relation;
  }
}

/** Returns what a message has under a name: its client, its node, or a field of its body. */
export function fieldOf(name: string, { src, dest, body }: Message): unknown {
  if (name === "src") return src;
  if (name === "dest") return dest;
  return Object.hasOwn(body, name) ? body[name] : undefined;
}

/** Returns the body of the reply to a request; undefined where its sender wants none. */
export function replyBody({ type, msg_id }: Body, reply: Reply | Refused): object | undefined {
  if (msg_id === undefined) return undefined;
  const said =
    reply.kind === "refused"
      ? errorBody(reply.error, reply.text)
      : { ...reply.fields, type: `${type}_ok` };
  return { ...said, in_reply_to: msg_id };
}

/** Returns the refusal of a request. */
export function refused(error: ErrorName, text: string): Refused {
  return { kind: "refused", error, text };
}
