// Nodes over links that lose, repeat, reorder and delay, with crashes: the small driver of these
// tests stands for the simulator's.
import { expect } from "chai";
import { random } from "../../src/base/random.ts";
import type { Fact } from "../../src/transducer/fact.ts";
import { Node } from "../../src/transducer/node.ts";
import { ModelTransducer } from "../../src/transducer/model-transducer.ts";
import type { Frame, LogRecord, NodeInput } from "../../src/transducer/protocol.ts";
import { central, factsOf, modelOf, programOf, texts } from "../support/networks.ts";

const seed = Number(process.env["SEED"] ?? "1");

const closure = `
  .decl edge(x: number, y: number)
  .input edge
  .decl path(x: number, y: number)
  path(x, y) :- edge(x, y).
  path(x, z) :- path(x, y), edge(y, z).
  .output path`;

describe(`nodes (SEED=${seed})`, () => {
  const model = modelOf(programOf(closure));
  const names = ["a", "b", "c"];

  function nodeOf(name: string, incarnation: number, records: readonly LogRecord[]): Node {
    return new Node(
      {
        name,
        incarnation,
        peers: names.filter((other) => other !== name),
        transducer: new ModelTransducer(model, name, names),
        kept: model.network.roles.map(({ kept }) => kept),
        floods: true,
        limits: { windowFacts: 4, resendMs: 30 },
      },
      records,
    );
  }

  it("come to the answer of one machine, and keep what they acknowledged", () => {
    for (let round = 0; round < 20; round++) {
      const from = random(seed * 1000 + round);
      const nodes = new Map(names.map((name) => [name, nodeOf(name, 1, [])]));
      const durable = new Map(names.map((name) => [name, [] as LogRecord[]]));
      const written = new Map(names.map((name) => [name, [] as LogRecord[]]));
      const lives = new Map(names.map((name) => [name, 1]));
      let wires: { from: string; to: string; frame: Frame }[] = [];
      const input: Fact[] = [];
      const acknowledged = new Set<string>();
      let nowMs = 0;
      const give = (name: string, happens: NodeInput): void => {
        const node = nodes.get(name);
        if (node === undefined) return;
        const out = node.step(happens);
        for (const { to, frame } of out.frames) wires.push({ from: name, to, frame });
        written.get(name)?.push(...out.records);
        for (const { request } of out.accepted) acknowledged.add(request);
      };
      const sync = (name: string): void => {
        durable.set(name, [...(durable.get(name) ?? []), ...(written.get(name) ?? [])]);
        written.set(name, []);
        const born = births.get(name) ?? 0;
        give(name, { kind: "persisted", count: (durable.get(name)?.length ?? 0) - born });
      };
      const births = new Map<string, number>();
      const connect = (): void => {
        for (const name of names)
          for (const peer of names) if (peer !== name) give(name, { kind: "connected", peer });
      };
      const requests = new Map<string, Fact[]>();
      connect();
      const calm = 600;
      for (let at = 0; at < 1000; at++) {
        nowMs += 5;
        const stormy = at < calm;
        const name = from.pick(names);
        if (stormy && from.chance(0.05)) {
          const facts = factsOf(model, "edge", [[BigInt(from.below(4)), BigInt(from.below(4))]]);
          const request = `r${requests.size}`;
          requests.set(request, facts);
          input.push(...facts);
          give(name, { kind: "insert", request, facts });
        }
        if (stormy && from.chance(0.01)) {
          // A crash: what was not written down is gone.
          written.set(name, []);
          const life = (lives.get(name) ?? 0) + 1;
          lives.set(name, life);
          const records = durable.get(name) ?? [];
          births.set(name, records.length);
          nodes.set(name, nodeOf(name, life, records));
          wires = wires.filter(({ to }) => to !== name);
          for (const peer of names) {
            if (peer === name) continue;
            give(peer, { kind: "disconnected", peer: name });
            give(peer, { kind: "connected", peer: name });
            give(name, { kind: "connected", peer });
          }
        }
        if (from.chance(0.3)) sync(name);
        give(name, { kind: "tick", nowMs });
        const [wire] = wires.splice(stormy ? from.below(Math.max(1, wires.length)) : 0, 1);
        if (wire === undefined) continue;
        if (stormy && from.chance(0.2)) wires.push(wire);
        if (stormy && from.chance(0.2)) continue;
        give(wire.to, { kind: "frame", peer: wire.from, frame: wire.frame });
      }
      for (let at = 0; at < 3000; at++) {
        nowMs += 5;
        for (const name of names) sync(name);
        for (const name of names) give(name, { kind: "tick", nowMs });
        for (const { to, from: peer, frame } of wires.splice(0))
          give(to, { kind: "frame", peer, frame });
        if (at > 50 && wires.length === 0) break;
      }
      const edge = model.network.roles.findIndex((role) => role.name === "edge");
      const path = model.network.roles.findIndex((role) => role.name === "path");
      const held = nodes.get("a")?.tuples(edge) ?? [];
      const kept = new Set(
        texts(
          model,
          held.map((values) => ({ relation: edge, values })),
        ),
      );
      for (const request of acknowledged)
        expect(kept.has(texts(model, requests.get(request) ?? [])[0] ?? ""), request).to.equal(
          true,
        );
      const answer = central(
        model,
        held.map((values) => ({ relation: edge, values })),
      );
      for (const node of nodes.values())
        expect(
          texts(
            model,
            node.tuples(path).map((values) => ({ relation: path, values })),
          ),
          `round ${round}`,
        ).to.deep.equal(answer);
      expect(acknowledged.size).to.be.greaterThan(0);
      expect(input.length).to.be.greaterThan(0);
    }
  });
});
