import { ByteSink, ByteSource, WireError } from "../runtime/bytes.ts";
import { FactReader, type FactSchema, FactWriter } from "../runtime/fact-bytes.ts";
import type { Fact } from "../transducer/fact.ts";

/** Returns facts as a text that loses nothing of their values: their bytes in base64. */
export function factsText(facts: readonly Fact[], schema: FactSchema): string {
  const sink = new ByteSink();
  new FactWriter(schema).write(facts, sink);
  return Buffer.from(sink.finish()).toString("base64");
}

/** Returns the facts that a text is of the relations of a schema, all of which are accepted;
 * undefined where it is none. */
export function factsFromText(text: string, schema: FactSchema): Fact[] | undefined {
  const accepted = new Set(schema.relations.keys());
  const source = new ByteSource(Buffer.from(text, "base64"));
  try {
    const facts = new FactReader({ ...schema, accepted }).read(source);
    source.end();
    return facts;
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}
