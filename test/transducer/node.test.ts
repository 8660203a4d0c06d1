// A node, input by input. What networks of them do under faults is simulated (test/sim).
import { expect } from "chai";
import { Node } from "../../src/transducer/node.ts";
import { ModelTransducer } from "../../src/transducer/model-transducer.ts";
import type {
  Batch,
  Frame,
  LogRecord,
  NodeOutput,
  VersionVector,
} from "../../src/transducer/protocol.ts";
import { factsOf, modelOf, programOf } from "../support/networks.ts";

const closure = `
  .decl edge(x: number, y: number)
  .input edge
  .decl path(x: number, y: number)
  path(x, y) :- edge(x, y).
  path(x, z) :- path(x, y), edge(y, z).
  .output path`;

const shouting = `
  .decl word(x: number)
  .input word
  .decl heard(x: number) message
  heard(x) :~ word(x).
  .output heard`;

describe("a node", () => {
  const model = modelOf(programOf(closure));

  function nodeOf(incarnation: number, records: readonly LogRecord[] = [], of = model): Node {
    return new Node(
      {
        ...{ name: "a", incarnation, peers: ["b"], floods: of === model },
        transducer: new ModelTransducer(of, "a", ["a", "b"]),
        kept: of.network.roles.map(({ kept }) => kept),
        limits: { windowFacts: 2, frameFacts: 2, resendMs: 50 },
      },
      records,
    );
  }

  const edges = (...pairs: readonly (readonly [bigint, bigint])[]) => factsOf(model, "edge", pairs);
  const [first, second] = [edges([1n, 2n]), edges([2n, 3n])];

  /** The connection is open: the peer holds and has heard nothing. */
  function greeted(node: Node, holds: VersionVector = new Map()): NodeOutput {
    node.step({ kind: "connected", peer: "b" });
    const frame: Frame = { kind: "hello", origin: "b/1", holds, heard: undefined, reply: false };
    return node.step({ kind: "frame", peer: "b", frame });
  }

  /** The peer says what it holds, having been asked. */
  function answered(node: Node, holds: VersionVector = new Map()): NodeOutput {
    const frame: Frame = { kind: "hello", origin: "b/1", holds, heard: undefined, reply: false };
    return node.step({ kind: "frame", peer: "b", frame });
  }

  /** Whether a peer is asked what it holds. */
  const asks = ({ frames }: NodeOutput): boolean =>
    frames.some(({ frame }) => frame.kind === "hello" && frame.reply);

  const batchesOf = ({ frames }: NodeOutput): Batch[] =>
    frames.flatMap(({ frame }) => (frame.kind === "batch" ? [frame.batch] : []));

  it("tells nobody of anything before it is durable", () => {
    const node = nodeOf(1);
    greeted(node);
    const inserted = node.step({ kind: "insert", request: "r", facts: first });
    expect(inserted.records).to.have.length(1);
    expect({ ...inserted, records: [] }).to.deep.equal({
      ...{ frames: [], records: [], accepted: [], refused: [], changes: [] },
      ...{ members: new Map(), stalled: [], undeliverable: 0 },
    });
    expect(node.holds.size).to.equal(0);
    const persisted = node.step({ kind: "persisted", count: 1 });
    expect(persisted.accepted).to.deep.equal([{ request: "r", origin: "a/1", from: 1, to: 1 }]);
    expect(persisted.changes.map(({ tuples }) => tuples)).to.deep.equal([[[1n, 2n]]]);
    expect(batchesOf(persisted).map(({ origin, from }) => [origin, from])).to.deep.equal([
      ["a/1", 1],
    ]);
  });

  it("gives a repeated request the dots that it has, and writes nothing", () => {
    const node = nodeOf(1);
    node.step({ kind: "insert", request: "r", facts: first });
    const early = node.step({ kind: "insert", request: "r", facts: first });
    expect([early.records, early.accepted]).to.deep.equal([[], []]);
    const accepted = { request: "r", origin: "a/1", from: 1, to: 1 };
    const persisted = node.step({ kind: "persisted", count: 1 });
    expect(persisted.accepted).to.deep.equal([accepted, accepted]);
    const late = node.step({ kind: "insert", request: "r", facts: first });
    expect([late.records, late.accepted]).to.deep.equal([[], [accepted]]);
  });

  it("takes in what clients insert at once as if one after the other, but in one step", () => {
    const node = nodeOf(1);
    const inserts = [
      { request: "r", facts: first },
      { request: "s", facts: [...second, ...first] },
      { request: "r", facts: first },
      { request: "t", facts: second },
    ];
    const { records } = node.step({ kind: "inserts", inserts });
    expect(records.map((one) => one.kind === "batch" && one.batch.from)).to.deep.equal([1, 2, 4]);
    expect(node.step({ kind: "persisted", count: 1 }).accepted).to.deep.equal([]);
    const { accepted, changes } = node.step({ kind: "persisted", count: 2 });
    expect(accepted.map(({ request, from, to }) => [request, from, to])).to.deep.equal([
      ["r", 1, 1],
      ["s", 2, 3],
      ["r", 1, 1],
    ]);
    expect(changes.map(({ tuples }) => tuples.length)).to.deep.equal([3]);
    expect(node.step({ kind: "persisted", count: 3 }).accepted[0]).to.deep.include({ from: 4 });
    expect([...node.holds]).to.deep.equal([["a/1", 4]]);
  });

  it("begins a new origin when it comes back, and remembers the requests of its earlier life", () => {
    const { records } = nodeOf(1).step({ kind: "insert", request: "r", facts: first });
    const node = nodeOf(2, records);
    expect(node.tuples(1)).to.deep.equal([[1n, 2n]]);
    expect([...node.holds]).to.deep.equal([["a/1", 1]]);
    const { accepted } = node.step({ kind: "insert", request: "r", facts: first });
    expect(accepted).to.deep.equal([{ request: "r", origin: "a/1", from: 1, to: 1 }]);
    const [record] = node.step({ kind: "insert", request: "s", facts: second }).records;
    expect(record?.kind === "batch" && record.batch.origin).to.equal("a/2");
  });

  it("signs at once what it sends for the first time, and nothing twice", () => {
    const asked: number[][] = [];
    const node = new Node({
      ...{ name: "a", incarnation: 1, peers: ["b"], floods: true },
      transducer: new ModelTransducer(model, "a", ["a", "b"]),
      kept: model.network.roles.map(({ kept }) => kept),
      limits: { resendMs: 50 },
      sign: (batches) => {
        asked.push(batches.map(({ from }) => from));
        return batches.map(({ from }) => `of ${from}`);
      },
    });
    const inserts = [first, second].map((facts, at) => ({ request: `r${at}`, facts }));
    const inserted = node.step({ kind: "inserts", inserts });
    // Nobody needs to believe what the node has in its own log.
    const written = inserted.records.map((record) => "batch" in record && record.batch.signature);
    expect(written).to.deep.equal([undefined, undefined]);
    node.step({ kind: "persisted", count: 2 });
    const sent = batchesOf(greeted(node));
    expect(sent.map(({ signature }) => signature)).to.deep.equal(["of 1", "of 2"]);
    node.step({ kind: "tick", nowMs: 100 });
    const again = batchesOf(answered(node));
    expect(again.map(({ signature }) => signature)).to.deep.equal(["of 1", "of 2"]);
    expect(asked).to.deep.equal([[1, 2]]);
  });

  it("takes the next batch of an origin alone, and says to others what it holds", () => {
    const node = nodeOf(1);
    greeted(node);
    const give = (from: number, facts = first): NodeOutput =>
      node.step({
        ...{ kind: "frame", peer: "b" },
        frame: { kind: "batch", batch: { origin: "b/1", from, facts } },
      });
    expect(give(2).records).to.deep.equal([]);
    expect(give(1).records).to.have.length(1);
    const again = give(1);
    expect(again.records).to.deep.equal([]);
    // What it holds is not durable yet.
    expect(again.frames).to.deep.equal([
      { to: "b", frame: { kind: "ack", holds: new Map(), heard: undefined } },
    ]);
    const { frames } = node.step({ kind: "persisted", count: 1 });
    expect(frames.find(({ frame }) => frame.kind === "ack")?.frame).to.deep.equal({
      ...{ kind: "ack", holds: new Map([["b/1", 1]]), heard: undefined },
    });
  });

  it("takes in batches that come at once in one step, and says of others what it holds", () => {
    const node = nodeOf(1);
    greeted(node);
    const batch = (from: number, facts: Batch["facts"]) => ({
      peer: "b",
      batch: { origin: "b/1", from, facts },
    });
    const batches = [batch(1, first), batch(2, second), batch(1, first), batch(4, first)];
    const { records, frames } = node.step({ kind: "batches", batches });
    expect(records.map((one) => one.kind === "batch" && one.batch.from)).to.deep.equal([1, 2]);
    expect(frames.map(({ frame }) => frame.kind)).to.deep.equal(["ack"]);
    expect(node.step({ kind: "persisted", count: 1 }).changes).to.deep.equal([]);
    const { changes } = node.step({ kind: "persisted", count: 2 });
    expect(changes.map(({ tuples }) => tuples.length)).to.deep.equal([3]);
    expect([...node.holds]).to.deep.equal([["b/1", 2]]);
  });

  it("sends as much as the window holds, and the rest after an acknowledgement", () => {
    const node = nodeOf(1);
    for (let at = 1n; at <= 4n; at++)
      node.step({ kind: "insert", request: `r${at}`, facts: edges([at, at]) });
    node.step({ kind: "persisted", count: 4 });
    const numbers = (out: NodeOutput): number[] => batchesOf(out).map(({ from }) => from);
    expect(numbers(greeted(node))).to.deep.equal([1, 2]);
    const holds = new Map([["a/1", 1]]);
    const frame: Frame = { kind: "ack", holds, heard: undefined };
    expect(numbers(node.step({ kind: "frame", peer: "b", frame }))).to.deep.equal([3]);
  });

  it("sends no more bytes than the window holds, but one batch however long", () => {
    const of = modelOf(programOf(".decl text(x: symbol) .input text .output text"));
    const node = new Node({
      ...{ name: "a", incarnation: 1, peers: ["b"], floods: true },
      transducer: new ModelTransducer(of, "a", ["a", "b"]),
      kept: of.network.roles.map(({ kept }) => kept),
      limits: { windowBytes: 2_500 },
    });
    const text = (length: number) => [{ relation: 0, values: ["x".repeat(length)] }];
    const inserts = [1_000, 1_000, 1_000, 9_000, 1_000, 1_000].map((length, at) => ({
      ...{ request: `r${at}`, facts: text(length) },
    }));
    node.step({ kind: "inserts", inserts });
    node.step({ kind: "persisted", count: 6 });
    const froms = (output: NodeOutput): number[] => batchesOf(output).map(({ from }) => from);
    const holding = (count: number): NodeOutput =>
      node.step({
        ...{ kind: "frame", peer: "b" },
        frame: { kind: "ack", holds: new Map([["a/1", count]]), heard: undefined },
      });
    expect(froms(greeted(node))).to.deep.equal([1, 2]);
    expect(froms(holding(1))).to.deep.equal([3]);
    expect(froms(holding(2))).to.deep.equal([]);
    expect(froms(holding(3))).to.deep.equal([4]);
    expect(froms(holding(4))).to.deep.equal([5, 6]);
    expect(froms(holding(6))).to.deep.equal([]);
  });

  it("sends no more bytes of messages than the window holds, but one however long", () => {
    const of = modelOf(
      programOf(".decl a(x: symbol) .input a .decl b(x: symbol) message b(x) :~ a(x). .output b"),
    );
    const node = new Node({
      ...{ name: "a", incarnation: 1, peers: ["b"], floods: false },
      transducer: new ModelTransducer(of, "a", ["a", "b"]),
      kept: of.network.roles.map(({ kept }) => kept),
      limits: { windowBytes: 2_500 },
    });
    const facts = [1_000, 1_001, 9_000, 1_002].map((length) => ({
      ...{ relation: 0, values: ["x".repeat(length)] },
    }));
    for (const [at, fact] of facts.entries())
      node.step({ kind: "insert", request: `r${at}`, facts: [fact] });
    node.step({ kind: "persisted", count: 4 });
    const numbers = ({ frames }: NodeOutput) =>
      frames.flatMap(({ frame }) =>
        frame.kind === "messages" ? frame.facts.map((_, at) => frame.from + at) : [],
      );
    const heard = (number: number): NodeOutput =>
      node.step({
        ...{ kind: "frame", peer: "b" },
        frame: { kind: "ack", holds: new Map(), heard: { origin: "a/1", number } },
      });
    expect(numbers(greeted(node))).to.deep.equal([1, 2]);
    expect(numbers(heard(1))).to.deep.equal([]);
    expect(numbers(heard(2))).to.deep.equal([3]);
    expect(numbers(heard(3))).to.deep.equal([4]);
  });

  it("asks a peer that acknowledges nothing what it has, less and less often, and sends the rest again", () => {
    const node = nodeOf(1);
    node.step({ kind: "insert", request: "r", facts: first });
    node.step({ kind: "insert", request: "s", facts: second });
    node.step({ kind: "persisted", count: 2 });
    greeted(node);
    const asked = (from: number, to: number): number[] =>
      Array.from({ length: (to - from) / 10 }, (_, at) => from + 10 * at).filter((nowMs) => {
        const out = node.step({ kind: "tick", nowMs });
        expect(batchesOf(out)).to.deep.equal([]);
        return asks(out);
      });
    // Eight times as long at most.
    expect(asked(0, 1_600)).to.deep.equal([50, 150, 350, 750, 1_150, 1_550]);
    const numbers = (out: NodeOutput): number[] => batchesOf(out).map(({ from }) => from);
    expect(numbers(answered(node, new Map([["a/1", 1]])))).to.deep.equal([2]);
    // The answers to the other questions change nothing.
    expect(numbers(answered(node, new Map([["a/1", 1]])))).to.deep.equal([]);
    expect(asked(1_600, 1_700)).to.deep.equal([1_640]);
    expect(numbers(answered(node, new Map([["a/1", 2]])))).to.deep.equal([]);
    expect(asked(1_700, 3_000)).to.deep.equal([]);
    // It has as much patience with what is sent then as at first.
    node.step({ kind: "insert", request: "t", facts: edges([3n, 4n]) });
    expect(numbers(node.step({ kind: "persisted", count: 3 }))).to.deep.equal([3]);
    expect(asked(3_000, 3_200)).to.deep.equal([3_040, 3_140]);
  });

  it("sends once what it sent between the greeting of a peer and the answer to its own", () => {
    const node = nodeOf(1);
    node.step({ kind: "insert", request: "r", facts: first });
    node.step({ kind: "persisted", count: 1 });
    node.step({ kind: "connected", peer: "b" });
    const hello: Frame = {
      ...{ kind: "hello", origin: "b/1", holds: new Map(), heard: undefined, reply: true },
    };
    const greeting = node.step({ kind: "frame", peer: "b", frame: hello });
    expect(batchesOf(greeting)).to.have.length(1);
    expect(batchesOf(answered(node))).to.have.length(0);
    // What comes of a later life of the peer begins anew.
    const later: Frame = { ...hello, origin: "b/2", reply: false };
    expect(batchesOf(node.step({ kind: "frame", peer: "b", frame: later }))).to.have.length(1);
  });

  it("leaves it to others to send what they accepted, unless that takes too long", () => {
    const node = new Node({
      ...{ name: "a", incarnation: 1, peers: ["b", "c"], floods: true },
      transducer: new ModelTransducer(model, "a", ["a", "b", "c"]),
      kept: model.network.roles.map(({ kept }) => kept),
      limits: { forwardMs: 100, aloneMs: 1_000 },
    });
    let persisted = 0;
    const tick = (nowMs: number): NodeOutput => node.step({ kind: "tick", nowMs });
    const toC = ({ frames }: NodeOutput): string[] =>
      frames.flatMap(({ to, frame }) =>
        to === "c" && frame.kind === "batch" ? [`${frame.batch.origin}#${frame.batch.from}`] : [],
      );
    const give = (from: number): string[] => {
      const batch: Batch = { origin: "b/1", from, facts: edges([BigInt(from), 0n]) };
      node.step({ kind: "frame", peer: "b", frame: { kind: "batch", batch } });
      return toC(node.step({ kind: "persisted", count: ++persisted }));
    };
    const ack = (count: number): string[] => {
      const frame: Frame = { kind: "ack", holds: new Map([["b/1", count]]), heard: undefined };
      return toC(node.step({ kind: "frame", peer: "c", frame }));
    };
    tick(0);
    for (const peer of ["b", "c"]) {
      node.step({ kind: "connected", peer });
      const hello: Frame = {
        ...{ kind: "hello", origin: `${peer}/1`, holds: new Map(), heard: undefined, reply: false },
      };
      node.step({ kind: "frame", peer, frame: hello });
    }
    // It has it from b.
    expect([give(1), ack(1), toC(tick(100)), toC(tick(200))]).to.deep.equal([[], [], [], []]);
    // What this node accepts goes at once.
    node.step({ kind: "insert", request: "r", facts: first });
    expect(toC(node.step({ kind: "persisted", count: ++persisted }))).to.deep.equal(["a/1#1"]);
    // It has not.
    expect([give(2), toC(tick(210)), toC(tick(300))]).to.deep.equal([[], [], []]);
    expect(toC(tick(400))).to.deep.equal(["b/1#2"]);
    // Then what comes goes at once for some time.
    expect(give(3)).to.deep.equal(["b/1#3"]);
    expect([ack(3), toC(tick(1_400))]).to.deep.equal([[], []]);
    // While others bring some of it, the rest may be on its way.
    expect([give(4), give(5), toC(tick(1_500)), ack(4)]).to.deep.equal([[], [], [], []]);
    expect(toC(tick(1_590))).to.deep.equal([]);
    expect(toC(tick(1_600))).to.deep.equal(["b/1#5"]);
  });

  it("answers what it has once that is durable", () => {
    const node = nodeOf(1);
    greeted(node);
    const batch: Batch = { origin: "b/1", from: 1, facts: first };
    node.step({ kind: "frame", peer: "b", frame: { kind: "batch", batch } });
    const ask: Frame = {
      ...{ kind: "hello", origin: "b/1", holds: new Map(), heard: undefined, reply: true },
    };
    expect(node.step({ kind: "frame", peer: "b", frame: ask }).frames).to.deep.equal([]);
    const { frames } = node.step({ kind: "persisted", count: 1 });
    const answer = frames.find(({ frame }) => frame.kind === "hello")?.frame;
    expect(answer).to.deep.include({ reply: false, holds: new Map([["b/1", 1]]) });
  });

  it("hears each message of a life of its peer once, and none of an earlier life", () => {
    const of = modelOf(programOf(shouting));
    const node = nodeOf(1, [], of);
    greeted(node);
    const words = (...numbers: readonly bigint[]) =>
      factsOf(
        of,
        "heard",
        numbers.map((number) => [number]),
      );
    const hear = (origin: string, from: number, ...numbers: readonly bigint[]): LogRecord[] => [
      ...node.step({
        ...{ kind: "frame", peer: "b" },
        frame: { kind: "messages", origin, from, facts: words(...numbers) },
      }).records,
    ];
    const record = (origin: string, from: number, ...numbers: readonly bigint[]): LogRecord => {
      return { kind: "messages", peer: "b", origin, from, facts: words(...numbers) };
    };
    expect(hear("b/1", 2, 8n)).to.deep.equal([]);
    expect(hear("b/1", 1, 7n)).to.deep.equal([record("b/1", 1, 7n)]);
    expect(hear("b/1", 1, 7n, 8n)).to.deep.equal([record("b/1", 2, 8n)]);
    expect(hear("b/2", 1, 9n)).to.deep.equal([record("b/2", 1, 9n)]);
    expect(hear("b/1", 3, 5n)).to.deep.equal([]);
    expect(node.tuples(1)).to.deep.equal([[7n], [8n], [9n]]);
  });
});
