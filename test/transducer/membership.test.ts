import { expect } from "chai";
import { random, type Random } from "../../src/base/random.ts";
import {
  admission,
  farewell,
  joinedMembers,
  type Member,
  type Members,
  memberStatuses,
  newsOf,
  presentNames,
} from "../../src/transducer/membership.ts";
import { ModelTransducer } from "../../src/transducer/model-transducer.ts";
import { Node } from "../../src/transducer/node.ts";
import type { Frame, LogRecord, NodeOutput } from "../../src/transducer/protocol.ts";
import { modelOf, programOf } from "../support/networks.ts";

const seed = Number(process.env["SEED"] ?? 7);

function someMembers(from: Random): Members {
  const names = from.shuffled(["a", "b", "c"]).slice(0, from.below(4));
  return new Map(
    names.map((name): [string, Member] => [
      name,
      {
        ...{ epoch: from.below(3), status: from.pick(memberStatuses) },
        ...(from.chance(0.5) && { url: from.pick(["ws://x:1", "ws://y:2"]) }),
        ...(from.chance(0.5) && { life: from.between(1, 3) }),
        ...(from.chance(0.5) && { key: from.pick(["k", "l"]) }),
      },
    ]),
  );
}

/** What is known, whatever the order in which it was learned. */
function sorted(members: Members): unknown {
  return [...members]
    .map(([name, { epoch, status, url, life, key }]) => [name, epoch, status, url, life ?? 0, key])
    .toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1));
}

describe(`what is known of members (SEED=${seed})`, () => {
  const from = random(seed);
  const rounds = Array.from({ length: 500 }, () => [1, 2, 3].map(() => someMembers(from)));

  it("is joined in whatever order, parts and number", () => {
    for (const [a = new Map(), b = new Map(), c = new Map()] of rounds) {
      expect(sorted(joinedMembers(a, b))).to.deep.equal(sorted(joinedMembers(b, a)));
      expect(sorted(joinedMembers(a, joinedMembers(b, c)))).to.deep.equal(
        sorted(joinedMembers(joinedMembers(a, b), c)),
      );
      expect(sorted(joinedMembers(joinedMembers(a, b), a))).to.deep.equal(
        sorted(joinedMembers(a, b)),
      );
    }
  });

  it("is told by what is new of it", () => {
    for (const [a = new Map(), b = new Map()] of rounds) {
      const news = newsOf(a, b);
      expect(sorted(joinedMembers(a, news))).to.deep.equal(sorted(joinedMembers(a, b)));
      expect(newsOf(joinedMembers(a, b), b).size).to.equal(0);
      expect(news.size === 0).to.equal(
        JSON.stringify(sorted(joinedMembers(a, b))) === JSON.stringify(sorted(a)),
      );
    }
  });

  it("keeps a name out that is forgotten, until it is admitted again", () => {
    const before: Members = new Map([["b", { epoch: 2, status: "member" }]]);
    const forgotten = joinedMembers(before, farewell(before, "b", "forgotten"));
    expect(presentNames(joinedMembers(forgotten, before))).to.deep.equal([]);
    expect(presentNames(joinedMembers(forgotten, farewell(before, "b", "left")))).to.deep.equal([]);
    const back = joinedMembers(forgotten, admission(forgotten, "b", { life: 9 }));
    expect(presentNames(back)).to.deep.equal(["b"]);
    expect(presentNames(joinedMembers(back, forgotten))).to.deep.equal(["b"]);
  });

  it("has a member stay in its epoch when it asks again", () => {
    const before: Members = new Map([["b", { epoch: 2, status: "member" }]]);
    expect(admission(before, "b", { url: "ws://x:1", life: 4 }).get("b")?.epoch).to.equal(2);
    expect(admission(before, "c", {}).get("c")?.epoch).to.equal(1);
    expect(farewell(before, "c", "left").size).to.equal(0);
  });
});

describe("a node of a network whose members change", () => {
  const model = modelOf(
    programOf(`
      .decl word(x: number)
      .input word
      .decl heard(x: number) message
      heard(x) :~ word(x).
      .output heard`),
  );
  const at = (name: string): number => model.network.roles.findIndex((role) => role.name === name);
  const present = (...names: readonly string[]): Members =>
    new Map(names.map((name): [string, Member] => [name, { epoch: 0, status: "member" }]));

  function nodeOf(members: Members, records: readonly LogRecord[] = [], incarnation = 1): Node {
    return new Node(
      {
        ...{ name: "a", incarnation, members, floods: false },
        transducer: new ModelTransducer(model, "a", presentNames(members)),
        kept: model.network.roles.map(({ kept }) => kept),
        limits: { resendMs: 50 },
      },
      records,
    );
  }

  const hello = (origin: string, heard?: { origin: string; number: number }): Frame => {
    return { kind: "hello", origin, holds: new Map(), heard, reply: false };
  };

  function greeted(node: Node, peer: string, frame = hello(`${peer}/1`)): NodeOutput {
    node.step({ kind: "connected", peer });
    return node.step({ kind: "frame", peer, frame });
  }

  const told = ({ frames }: NodeOutput): string[] =>
    frames.flatMap(({ to, frame }) => {
      if (frame.kind !== "members") return [];
      const said = [...frame.members].map(
        ([name, { epoch, status }]) => `${name}@${epoch} ${status}`,
      );
      return [`${to}: ${said.join(", ")}${frame.reply ? "?" : ""}`];
    });

  it("tells who connects, and again until that knows it", () => {
    const node = nodeOf(present("a", "b"));
    expect(told(greeted(node, "b"))).to.deep.equal(["b: a@0 member, b@0 member?"]);
    expect(told(node.step({ kind: "tick", nowMs: 49 }))).to.deep.equal([]);
    expect(told(node.step({ kind: "tick", nowMs: 50 }))).to.have.length(1);
    const frame: Frame = { kind: "members", members: present("a", "b"), reply: true };
    const answer = told(node.step({ kind: "frame", peer: "b", frame }));
    expect(answer).to.deep.equal(["b: a@0 member, b@0 member"]);
    expect(told(node.step({ kind: "tick", nowMs: 200 }))).to.deep.equal([]);
    expect(node.peers().map(({ informed }) => informed)).to.deep.equal([true]);
  });

  it("has a connection with one who is admitted, once that is durable", () => {
    const node = nodeOf(present("a", "b"));
    greeted(node, "b");
    const members = admission(node.members, "c", {});
    const learned = node.step({ kind: "members", members });
    expect(learned.records).to.deep.equal([{ kind: "members", members }]);
    expect(told(learned)).to.deep.equal([]);
    expect(node.peers().map(({ name }) => name)).to.deep.equal(["b"]);
    const durable = node.step({ kind: "persisted", count: 1 });
    expect(durable.members).to.deep.equal(members);
    expect(told(durable)).to.deep.equal(["b: a@0 member, b@0 member, c@1 member?"]);
    expect(node.peers().map(({ name }) => name)).to.deep.equal(["b", "c"]);
    const back = nodeOf(present("a", "b"), learned.records, 2);
    expect(back.peers().map(({ name }) => name)).to.deep.equal(["b", "c"]);
  });

  it("tells one who leaves that it knows, and then drops what was to go there", () => {
    const node = nodeOf(present("a", "b", "c"));
    greeted(node, "b");
    node.step({ kind: "insert", request: "r", facts: [{ relation: at("word"), values: [1n] }] });
    node.step({ kind: "persisted", count: 1 });
    expect(node.peers().map(({ unacknowledged }) => unacknowledged)).to.deep.equal([1, 1]);
    const members = farewell(node.members, "b", "left");
    node.step({ kind: "frame", peer: "b", frame: { kind: "members", members, reply: true } });
    const durable = node.step({ kind: "persisted", count: 2 });
    expect(told(durable)).to.have.length(1);
    expect(node.peers().map(({ name }) => name)).to.deep.equal(["c"]);
    // Frames that are late come from nobody.
    const late = node.step({ kind: "frame", peer: "b", frame: hello("b/2") });
    expect(late.frames).to.deep.equal([]);
  });

  it("says when a peer has lost messages that it has not any more", () => {
    const node = nodeOf(present("a", "b"));
    greeted(node, "b");
    node.step({ kind: "insert", request: "r", facts: [{ relation: at("word"), values: [1n] }] });
    node.step({ kind: "persisted", count: 1 });
    const heard = { origin: "a/1", number: 1 };
    const ack: Frame = { kind: "ack", holds: new Map(), heard };
    node.step({ kind: "frame", peer: "b", frame: ack });
    expect(greeted(node, "b", hello("b/2", heard)).stalled).to.deep.equal([]);
    // A frame of an earlier life that is late is no sign of that.
    expect(greeted(node, "b", hello("b/1")).stalled).to.deep.equal([]);
    expect(greeted(node, "b", hello("b/3")).stalled).to.deep.equal(["b"]);
  });
});
