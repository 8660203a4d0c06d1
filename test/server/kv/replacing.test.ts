// A put and the tombstones of what it replaces, wherever a log or a connection is cut.
import { readFileSync } from "node:fs";
import { expect } from "chai";

import { assert } from "../../../src/base/assert.ts";
import { FrameReader, FrameWriter } from "../../../src/runtime/frame-bytes.ts";
import { logLimits } from "../../../src/runtime/node/limits.ts";
import { logFormat } from "../../../src/runtime/node/record-bytes.ts";
import { SegmentReader, SegmentWriter } from "../../../src/runtime/node/segment.ts";
import { type Pair, pairText } from "../../../src/server/kv/pair.ts";
import { PairRequests, type PairStore } from "../../../src/server/kv/pair-requests.ts";
import { nodeProgram } from "../../../src/server/node-program.ts";
import { IncrementalTransducer } from "../../../src/transducer/incremental.ts";
import { Node } from "../../../src/transducer/node.ts";
import type {
  Frame,
  InsertRequest,
  LogRecord,
  NodeInput,
} from "../../../src/transducer/protocol.ts";

const text = readFileSync(new URL("../../../programs/kv.dl", import.meta.url), "utf8");
const { program: store } = nodeProgram(text, {});
assert(store !== undefined, "the store is a program");
const of = (name: string): number => store.program.relations.findIndex((one) => one.name === name);
const [put, remove, seen] = [of("put"), of("remove"), of("seen")];
const { schema } = store;

/** A node of the store, with what it has written and said. */
class Machine {
  readonly records: LogRecord[] = [];
  frames: Frame[] = [];
  readonly transducer: IncrementalTransducer;
  readonly node: Node;

  constructor(name: string, incarnation: number, records: readonly LogRecord[] = []) {
    assert(store !== undefined, "the store is a program");
    this.transducer = new IncrementalTransducer(store, name, ["a", "b"]);
    const options = {
      ...{ name, incarnation, peers: name === "a" ? ["b"] : ["a"], floods: true },
      ...{ transducer: this.transducer, kept: store.network.roles.map(({ kept }) => kept) },
      cleaning: { spent: of("spent"), names: of("names") },
    };
    this.node = new Node(options, records);
  }

  step(input: NodeInput): void {
    const { records, frames } = this.node.step(input);
    this.records.push(...records);
    this.frames.push(...frames.map(({ frame }) => frame));
  }

  persist(): void {
    this.step({ kind: "persisted", count: this.records.length });
  }

  /** The values that are shown at pair k, l. */
  values(): string[] {
    const dots = new Set(this.seen({ k1: "k", k2: "l" }));
    const rows = this.transducer.tuples(put) as readonly string[][];
    return rows.flatMap(([, , dot = "", , data = ""]) => (dots.has(dot) ? [data] : []));
  }

  seen({ k1, k2 }: Pair): string[] {
    const rows = this.transducer.matching(seen, [0, 1], [k1, k2]);
    return rows.map(([, , dot]) => dot as string);
  }

  /** Puts a value as clients have it put. */
  put(data: string): void {
    const requests = new PairRequests({
      service: {
        node: this.node,
        driver: {
          renewing: false,
          onCommit: () => undefined,
          insertAll: (inserts: readonly InsertRequest[]) => {
            this.step({ kind: "inserts", inserts });
          },
        },
      } as unknown as PairStore["service"],
      relations: { put, remove },
      limits: { togetherMax: 10, waitingMax: 10, gatheredMax: 64 },
      cellsAt: () => [],
      seenAt: (pairs) => new Map(pairs.map((pair) => [pairText(pair), this.seen(pair)])),
    });
    const told = { done: () => undefined, failed: () => undefined };
    const content = { type: "text/plain", data };
    requests.add({ kind: "put", k1: "k", k2: "l", content, request: undefined, ...told });
    requests.perform();
    this.persist();
  }
}

describe("a put that replaces", () => {
  it("is in a log whole or not at all, whichever byte the log ends with", () => {
    const machine = new Machine("a", 1);
    for (const value of ["one", "two", "three"]) machine.put(value);
    const format = logFormat("p", schema, logLimits);
    const writer = new SegmentWriter("tail-1", format);
    const parts = [writer.begin().slice()];
    const first = machine.records[0];
    assert(first !== undefined, "a put is a record");
    for (const record of machine.records) parts.push(writer.record(record, 0).slice());
    const bytes = Buffer.concat(parts);
    const shown: string[] = [];
    let read = -1;
    for (let end = 0; end <= bytes.length; end++) {
      const reader = new SegmentReader("tail-1", bytes.subarray(0, end), format);
      const records: LogRecord[] = [];
      for (let record = reader.next(); record !== undefined; record = reader.next())
        records.push(record);
      if (records.length > read) shown.push(new Machine("a", 2, records).values().join());
      read = records.length;
    }
    expect(shown).to.deep.equal(["", "one", "two", "three"]);
  });

  it("comes to a peer whole or not at all, whichever frame is the last that does", () => {
    const [a, b] = [new Machine("a", 1), new Machine("b", 1)];
    const [out, into] = [new FrameWriter(schema), new FrameReader(schema)];
    const shown: string[] = [];
    const deliver = (): void => {
      for (const frame of a.frames.splice(0)) {
        b.step({ kind: "frame", peer: "a", frame: into.read(out.write(frame)) });
        b.persist();
        if (shown.at(-1) !== b.values().join()) shown.push(b.values().join());
      }
      for (const frame of b.frames.splice(0)) a.step({ kind: "frame", peer: "b", frame });
    };
    a.step({ kind: "connected", peer: "b" });
    b.step({ kind: "connected", peer: "a" });
    for (let round = 0; round < 3; round++) deliver();
    for (const value of ["one", "two", "three"]) a.put(value);
    for (let round = 0; round < 3; round++) deliver();
    expect(shown).to.deep.equal(["", "one", "two", "three"]);
    // The values that were replaced go, each without its tombstones' part.
    expect(a.node.stored).to.include({ facts: 5 });
    for (let round = 0; round < 3; round++) {
      for (const one of [a, b]) {
        one.step({ kind: "collect" });
        one.persist();
      }
      deliver();
    }
    for (const one of [a, b]) {
      expect(one.node.stored).to.deep.include({ facts: 1, tombstones: 0 });
      expect(one.values()).to.deep.equal(["three"]);
    }
  });
});
