// Batches as bytes, in a stream: what goes over one connection in one direction, or one segment of
// a log.
import type { Batch, Origin } from "../transducer/protocol.ts";
import { type ByteSink, type ByteSource, WireError } from "./bytes.ts";
import { type FactLimits, type FactReader, type FactWriter } from "./fact-bytes.ts";

/** The limits of batches. */
export type BatchLimits = FactLimits & {
  readonly originBytesMax: number;
  readonly requestBytesMax: number;
  readonly signatureBytesMax: number;
};

/** What there is of a batch beside its origin, number and facts. */
const parts = { request: 1, signature: 2, sameSignature: 4, split: 8 } as const;

/** Turns the batches of one stream into bytes. A signature of several batches is written with the
 * first of those that follow each other. */
export class BatchWriter {
  private readonly facts: FactWriter;
  private signature: string | undefined;

  /** `facts` writes all facts of the stream. */
  constructor(facts: FactWriter) {
    this.facts = facts;
  }

  write({ origin, from, request, signature, split, facts }: Batch, sink: ByteSink): void {
    const same = signature !== undefined && signature === this.signature;
    const signed = same ? parts.sameSignature : parts.signature;
    sink.text(origin);
    sink.count(from);
    sink.byte(
      (request === undefined ? 0 : parts.request) +
        (signature === undefined ? 0 : signed) +
        (split === undefined ? 0 : parts.split),
    );
    if (split !== undefined) sink.count(split);
    if (request !== undefined) sink.text(request);
    if (signature !== undefined && !same) {
      sink.text(signature);
      this.signature = signature;
    }
    this.facts.write(facts, sink);
  }
}

/** Reads the batches of one stream, each of at least one fact. What is none is a `WireError`. */
export class BatchReader {
  private readonly facts: FactReader;
  private readonly limits: BatchLimits;
  private signature: string | undefined;

  /** `facts` reads all facts of the stream. */
  constructor(facts: FactReader, limits: BatchLimits) {
    this.facts = facts;
    this.limits = limits;
  }

  read(source: ByteSource): Batch {
    const origin = readOrigin(source, this.limits);
    const from = readNumber(source);
    const flags = source.byte();
    const named = (flags & parts.request) !== 0;
    const split = (flags & parts.split) === 0 ? undefined : readNumber(source);
    const request = named ? source.text(this.limits.requestBytesMax, "a request") : undefined;
    const signature = this.signatureOf(flags & ~(parts.request | parts.split), source);
    const facts = this.facts.read(source);
    if (facts.length === 0) throw new WireError("malformed", "a batch of no facts");
    if (split !== undefined && split >= facts.length)
      throw new WireError("malformed", "the second part of a batch has no facts");
    return {
      ...{ origin, from, facts },
      ...(split !== undefined && { split }),
      ...(request !== undefined && { request }),
      ...(signature !== undefined && { signature }),
    };
  }

  private signatureOf(flags: number, source: ByteSource): string | undefined {
    if (flags === 0) return undefined;
    if (flags === parts.signature)
      this.signature = source.text(this.limits.signatureBytesMax, "a signature");
    else if (flags !== parts.sameSignature)
      throw new WireError("malformed", "unknown parts of a batch");
    if (this.signature === undefined)
      throw new WireError("malformed", "no batch before has a signature");
    return this.signature;
  }
}

/** Reads the number of a fact or a message: they begin at 1. */
export function readNumber(source: ByteSource): number {
  const number = source.count(Number.MAX_SAFE_INTEGER - 2 ** 32, "a number");
  if (number === 0) throw new WireError("malformed", "numbers begin at 1");
  return number;
}

/** Reads an origin. */
export function readOrigin(
  source: ByteSource,
  { originBytesMax }: Pick<BatchLimits, "originBytesMax">,
): Origin {
  const origin = source.text(originBytesMax, "an origin");
  if (!/^[^/\s]+\/(0|[1-9]\d{0,15})$/.test(origin))
    throw new WireError("malformed", "an origin is a node's name and its incarnation");
  return origin;
}
