// What nodes say to each other as bodies of Maelstrom's messages:
//
//     {"type": "calm", "origin": "n1/17", "number": 3, "frames": [
//       {"kind": "batch", "origin": "n1/17", "from": 1, "facts": [["broadcast", 5]]}]}
//
// The origin of the body is the sender in the life that it is in, the number that of the body among
// those to the same receiver.
import * as z from "zod";
import { assert } from "../base/assert.ts";
import type { FactSchema } from "../runtime/fact-bytes.ts";
import { frameLimits } from "../runtime/frame-bytes.ts";
import type { Fact } from "../transducer/fact.ts";
import type { Frame, Heard, Origin, VersionVector } from "../transducer/protocol.ts";
import { jsonTuple, type JsonValue } from "./json-value.ts";
import { valueFromJson } from "./value-from-json.ts";

/** Frames in one body. */
export const framesMax = 1 << 12;

/** The type of the bodies that nodes send each other. */
export const frameType = "calm";

/** The frames that one node sends another together. */
export type Frames = {
  /** The sender, in the life that it is in. */
  readonly origin: Origin;
  /** Later ones have greater numbers; the first is 1. */
  readonly number: number;
  readonly frames: readonly Frame[];
};

/** Returns the body that says frames. */
export function framesBody({ origin, number, frames }: Frames, schema: FactSchema): object {
  return { type: frameType, origin, number, frames: frames.map((frame) => jsonOf(frame, schema)) };
}

function jsonOf(frame: Frame, schema: FactSchema): object {
  const { kind } = frame;
  switch (kind) {
    case "hello":
      return { kind, ...stateJson(frame), reply: frame.reply };
    case "ack":
      return { kind, ...stateJson(frame) };
    case "batch": {
      const { origin, from, facts, request } = frame.batch;
      return { kind, origin, from, request, facts: factsJson(facts, schema) };
    }
    case "messages":
      return { kind, from: frame.from, facts: factsJson(frame.facts, schema) };
    case "members":
    case "gone":
      assert(false, "the workbench says once who the nodes are, and its programs clean nothing up");
  }
}

function stateJson({ holds, heard }: { readonly holds: VersionVector; readonly heard: Heard }) {
  return { holds: Object.fromEntries(holds), ...(heard !== undefined && { heard }) };
}

function factsJson(facts: readonly Fact[], { relations, structures }: FactSchema): JsonValue[] {
  return facts.map(({ relation, values }) => {
    const { name, attributes } = relations[relation] ?? { name: "", attributes: [] };
    return [name, ...jsonTuple(attributes, values, structures)];
  });
}

const origin = z
  .string()
  .max(frameLimits.originBytesMax)
  .regex(/^[^/\s]+\/(0|[1-9]\d{0,15})$/);
const count = z.int().min(0);
const facts = z
  .array(z.tuple([z.string()], z.unknown()))
  .min(1)
  .max(frameLimits.factsMax);
const state = {
  holds: z.record(origin, count),
  heard: z.object({ origin, number: count }).optional(),
};
const from = z.int().min(1);
const frame = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("hello"), ...state, reply: z.boolean() }),
  z.object({ kind: z.literal("ack"), ...state }),
  z.object({
    kind: z.literal("batch"),
    ...{ origin, from, facts },
    request: z.string().max(frameLimits.requestBytesMax).optional(),
  }),
  z.object({ kind: z.literal("messages"), from, facts }),
]);
const bodies = z.object({
  type: z.literal(frameType),
  origin,
  number: from,
  frames: z.array(frame).max(framesMax),
});

/** Returns what a body says; undefined where it is not what a node says that runs this program. */
export function framesFrom(body: unknown, schema: FactSchema): Frames | undefined {
  const read = bodies.safeParse(body);
  if (!read.success) return undefined;
  const { origin, number } = read.data;
  const frames: Frame[] = [];
  for (const said of read.data.frames) {
    const frame = frameFrom(said, origin, schema);
    if (frame === undefined) return undefined;
    frames.push(frame);
  }
  return { origin, number, frames };
}

function frameFrom(
  said: z.infer<typeof frame>,
  sender: Origin,
  schema: FactSchema,
): Frame | undefined {
  switch (said.kind) {
    case "hello":
      return { kind: said.kind, origin: sender, ...stateFrom(said), reply: said.reply };
    case "ack":
      return { kind: said.kind, ...stateFrom(said) };
    case "batch": {
      const { kind, origin, from, request } = said;
      const facts = factsFrom(said.facts, schema);
      if (facts === undefined) return undefined;
      const batch = { origin, from, facts, ...(request !== undefined && { request }) };
      return { kind, batch };
    }
    case "messages": {
      const facts = factsFrom(said.facts, schema);
      return facts && { kind: said.kind, origin: sender, from: said.from, facts };
    }
  }
}

function stateFrom({
  holds,
  heard,
}: {
  readonly holds: Readonly<Record<string, number>>;
  readonly heard?: Heard;
}): { readonly holds: VersionVector; readonly heard: Heard } {
  return { holds: new Map(Object.entries(holds)), heard };
}

function factsFrom(
  json: readonly (readonly [string, ...unknown[]])[],
  schema: FactSchema,
): Fact[] | undefined {
  const facts: Fact[] = [];
  for (const [name, ...columns] of json) {
    const relation = schema.relations.findIndex((one) => one.name === name);
    const attributes = schema.relations[relation]?.attributes;
    if (!schema.accepted.has(relation) || attributes?.length !== columns.length) return undefined;
    const values = attributes.map(({ kind }, at) => valueFromJson(kind, columns[at], schema));
    if (values.includes(undefined)) return undefined;
    facts.push({ relation, values: values as Fact["values"] });
  }
  return facts;
}
