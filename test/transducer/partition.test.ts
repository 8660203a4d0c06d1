// Partitioned evaluation in the formal model: random programs, networks, partitions and runs.
import { expect } from "chai";
import type { Program } from "../../src/analysis/program.ts";
import { assert } from "../../src/base/assert.ts";
import { random, type Random } from "../../src/base/random.ts";
import { interpreted } from "../../src/codegen/backend.ts";
import { networkProgram } from "../../src/plan/network.ts";
import { partition } from "../../src/plan/partition.ts";
import {
  handingOver,
  ownersOf,
  type PartitionedProgram,
} from "../../src/plan/partitioned-program.ts";
import { plan } from "../../src/plan/program.ts";
import {
  type Configuration,
  type Topology,
  TransducerNetwork,
} from "../../src/transducer/configuration.ts";
import type { Fact } from "../../src/transducer/fact.ts";
import { Model } from "../../src/transducer/model.ts";
import { ownerFunctors, Owners } from "../../src/transducer/owners.ts";
import { central, fairRun, floodingModel, programOf, texts } from "../support/networks.ts";

const first = Number(process.env["SEED"] ?? 1);
const count = Number(process.env["PROGRAMS"] ?? 12);

/** A text, and the relations of numbers that clients insert into; `sealed` ones are sealed for all
 * keys in the end. */
type Written = {
  readonly text: string;
  readonly inputs: Readonly<Record<string, number>>;
  readonly sealed?: readonly string[];
};

const programs: readonly ((from: Random) => Written)[] = [
  (from) => ({
    text: `
      .decl edge(x: number, y: number) ${one(from, "x", "y")}
      .decl path(x: number, y: number) ${some(from, "x", "y")}
      .input edge
      path(x, y) :- edge(x, y).
      path(x, z) :- ${shuffled(from, "path(x, y)", "edge(y, z)")}.
      .output path, edge`,
    inputs: { edge: 2 },
  }),
  (from) => ({
    text: `
      .decl parent(x: number, y: number) ${one(from, "x", "y")}
      .decl same(x: number, y: number) ${some(from, "x", "y")}
      .input parent
      parent(1, 3). parent(1, 2).
      same(x, y) :- parent(p, x), parent(p, y), x != y.
      same(x, y) :- ${shuffled(from, "parent(p, x)", "same(p, q)", "parent(q, y)")}.
      .output same, parent`,
    inputs: { parent: 2 },
  }),
  (from) => ({
    text: `
      .decl r(x: number, y: number) ${one(from, "x", "y")}
      .decl s(x: number, y: number) ${some(from, "x", "y")}
      .decl t(x: number, y: number) ${some(from, "x", "y")}
      .decl q(x: number, w: number) ${some(from, "x", "w")}
      .decl cross(x: number, y: number)
      .decl any()
      .input r, s, t
      q(x, w) :- ${shuffled(from, "r(x, y)", "s(y, z)", "t(z, w)")}.
      cross(x, y) :- r(x, _), t(_, y).
      any() :- q(x, x).
      cross(9, x) :- any(), s(x, _).
      .output q, cross, any, r, s`,
    inputs: { r: 2, s: 2, t: 2 },
  }),
  (from) => ({
    text: `
      .decl edge(x: number, y: number) ${one(from, "x", "y", "x, y", "y, x")}
      .decl out(y: number) ${some(from, "y")}
      .decl two(x: number, z: number) ${some(from, "x", "z")}
      .decl next(x: number) ${some(from, "x")}
      .input edge
      out(y) :- edge(1, y).
      two(x, z) :- edge(x, 2), edge(2, z).
      next(x + 1) :- out(x), x < 5.
      next(x) :- edge(x, x + 1).
      .output out, two, next`,
    inputs: { edge: 2 },
  }),
  (from) => ({
    text: `
      .decl way(x: number, y: number, d: number) ${one(from, "x", "y")}
      .decl distance(x: number, d: Min<>) ${some(from, "x")}
      .decl near(x: number) ${some(from, "x")}
      .decl degree(x: number, n: Max<>) ${some(from, "x")}
      .input way
      distance(1, 0).
      distance(y, d + e) :- ${shuffled(from, "distance(x, d)", "way(x, y, e)")}, e >= 0.
      near(x) :- distance(x, d), d <= 2.
      degree(x, n) :- near(x), n = count : { way(x, _, _) }.
      .output distance, near, degree`,
    inputs: { way: 3 },
  }),
  (from) => ({
    text: `
      .decl room(x: number) ${some(from, "x")}
      .decl taken(x: number, y: number) partition(x)
      .decl free(x: number) ${some(from, "x")}
      .decl guests(x: number, n: number) ${some(from, "x", "n")}
      .input room, taken
      free(x) :- room(x), !taken(x, _).
      guests(x, n) :- room(x), n = count : { taken(x, _) }.
      .output free, guests, taken`,
    inputs: { room: 1, taken: 2 },
    sealed: ["taken"],
  }),
  (from) => ({
    text: `
      .decl a(x: number, y: number) ${some(from, "x", "y")}
      .decl b(x: number, y: number) ${one(from, "x")}
      .decl c(x: number) partition(x)
      .decl apart(x: number, y: number) ${some(from, "x", "y")}
      .decl more(x: number, y: number, by: number) ${some(from, "x", "y")}
      .input a, b, c
      apart(x, y) :- ${shuffled(from, "a(x, y)", "!b(x, _)", "!c(y)", "!c(x)", "x != y")}.
      more(x, y, n - m) :- a(x, y), n = count : { b(x, _) }, m = count : { b(y, _) }, n >= m.
      .output apart, more`,
    inputs: { a: 2, b: 2, c: 1 },
    sealed: ["b", "c"],
  }),
];

/** One of some qualifiers, or two. */
function one(from: Random, ...keys: readonly string[]): string {
  const key = `partition(${from.pick(keys)})`;
  const other = `partition(${from.pick(keys)})`;
  return from.below(4) > 0 || key === other ? key : `${key} ${other}`;
}

/** The same, or none. */
function some(from: Random, ...keys: readonly string[]): string {
  return from.below(2) === 0 ? "" : one(from, ...keys);
}

function shuffled(from: Random, ...atoms: string[]): string {
  return atoms
    .map((atom) => ({ atom, at: from.next() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ atom }) => atom)
    .join(", ");
}

function inParts(program: Program): PartitionedProgram {
  const { partitioned, diagnostics } = partition(program);
  assert(partitioned !== undefined, diagnostics.map(({ message }) => message).join("; "));
  return partitioned;
}

/** What runs a partitioned program for these members. */
function modelFor(program: Program, owners: Owners): Model {
  const network = networkProgram(program);
  const functors = ownerFunctors(program.functors, owners);
  return new Model({ network, plan: plan(network.step), backend: interpreted, functors });
}

function connected(names: readonly string[]): Topology {
  return new Map(names.map((name) => [name, names.filter((other) => other !== name)]));
}

function named(size: number): string[] {
  return Array.from({ length: size }, (_, at) => `n${at + 1}`);
}

function relationOf({ relations }: Program, name: string): number {
  const at = relations.findIndex((relation) => relation.name === name);
  assert(at >= 0, `there is a relation ${name}`);
  return at;
}

function randomInput(from: Random, program: Program, { inputs }: Written): Fact[] {
  return Object.entries(inputs).flatMap(([name, arity]) =>
    Array.from({ length: from.below(6) }, () => ({
      relation: relationOf(program, name),
      values: Array.from({ length: arity }, () => BigInt(from.between(1, 4))),
    })),
  );
}

/** Puts each fact at a random node, and some at two; a partitioned one at its owner, or where it is
 * sent there from. */
function placed(
  from: Random,
  input: readonly Fact[],
  partitioned: PartitionedProgram,
  owners: Owners,
): Map<string, Fact[]> {
  const parts = new Map(owners.members.map((name) => [name, [] as Fact[]]));
  for (const { relation, values } of input) {
    const arrival = partitioned.arrivals.get(relation);
    const [owner] = owners.ofTuple(ownersOf(partitioned, relation), values);
    for (let copies = from.between(1, 2); copies > 0; copies--)
      if (owner !== undefined && from.below(3) === 0) parts.get(owner)?.push({ relation, values });
      else parts.get(from.pick(owners.members))?.push({ relation: arrival ?? relation, values });
  }
  return parts;
}

/** Fails where a tuple is at a node that does not own it. */
function checkOwners(
  network: TransducerNetwork,
  configuration: Configuration,
  partitioned: PartitionedProgram,
  owners: Owners,
): void {
  for (const name of network.names) {
    const { kept, output } = network.node(configuration, name);
    for (const fact of [...kept.values(), ...output.values()]) {
      const keys = ownersOf(partitioned, fact.relation);
      if (keys.length === 0) continue;
      expect(owners.ofTuple(keys, fact.values), texts(network.model, [fact])[0]).to.include(name);
    }
  }
}

describe(`partitioned evaluation (SEED=${first} PROGRAMS=${count})`, () => {
  for (const [kind, write] of programs.entries())
    it(`gives in its shards the answer of one machine (${kind + 1})`, function () {
      this.timeout(count * 10_000);
      let answered = 0;
      for (let seed = first; seed < first + count; seed++) {
        const from = random(seed * programs.length + kind);
        const written = write(from);
        const where = `SEED=${seed} PROGRAMS=1\n${written.text}`;
        const program = programOf(written.text);
        const owners = new Owners(named(from.between(1, 4)));
        const partitioned = inParts(program);
        const model = modelFor(partitioned.program, owners);
        const input = randomInput(from, program, written);
        const network = new TransducerNetwork(model, connected(owners.members));
        let end = fairRun(from, network, network.start(placed(from, input, partitioned, owners)));
        const sealed = (written.sealed ?? []).map((name) => {
          const seals = partitioned.seals.get(relationOf(program, name));
          assert(seals !== undefined, "what is sealed has seals");
          return seals;
        });
        for (const relation of sealed)
          for (let key = 0n; key < 6n; key++)
            end = network.insert(end, owners.of([key]), [
              { relation, values: [key] },
            ]).configuration;
        if (sealed.length > 0) end = fairRun(from, network, end);
        const wanted = central(floodingModel(written.text), input);
        expect(texts(model, network.output(end).values()), where).to.deep.equal(wanted);
        checkOwners(network, end, partitioned, owners);
        answered += wanted.length;
      }
      if (count >= 10) expect(answered).to.be.greaterThan(count);
    });

  it("loses and doubles nothing when members come and go", function () {
    this.timeout(count * 60_000);
    let moved = 0;
    for (let seed = first; seed < first + count; seed++) {
      const from = random(seed);
      // What waits for seals has no answer before them.
      const written = from.pick(programs.slice(0, -2))(from);
      const where = `SEED=${seed} PROGRAMS=1\n${written.text}`;
      const program = programOf(written.text);
      const partitioned = inParts(program);
      const all = named(5);
      const [before, after] = [0, 1].map(
        () => new Owners([from.pick(all), ...all.filter(() => from.below(2) === 0)]),
      );
      assert(before !== undefined && after !== undefined, "there are two");
      const input = randomInput(from, program, written);
      const topology = connected(all);

      // Messages are under way when the members change.
      const old = new TransducerNetwork(modelFor(partitioned.program, before), topology);
      let configuration = withMembers(old, old.start(new Map()), partitioned, before);
      for (const [name, facts] of placed(from, input, partitioned, before))
        configuration = old.insert(configuration, name, facts).configuration;
      for (let steps = from.below(100); steps > 0; steps--) {
        const name = from.pick(all);
        const [key] = old.buffer(configuration, name).keys();
        configuration = (
          key === undefined
            ? old.heartbeat(configuration, name)
            : old.deliver(configuration, name, key)
        ).configuration;
      }

      const over = new TransducerNetwork(modelFor(handingOver(partitioned), after), topology);
      const changed = withMembers(over, configuration, partitioned, after);
      const handed = fairRun(from, over, changed);

      // What a node does not own can go: nothing is asked of the leavers, and all is there.
      const now = new TransducerNetwork(modelFor(partitioned.program, after), topology);
      const left = withMembers(now, handed, partitioned, after, (name, { relation, values }) => {
        const keys = ownersOf(partitioned, relation);
        const owned = after.ofTuple(keys, values).includes(name);
        const arrival = partitioned.placements[relation]?.kind === "arrival";
        if (keys.length > 0 && !owned) moved++;
        return (keys.length > 0 ? owned : after.members.includes(name)) || arrival;
      });
      const end = fairRun(from, now, left);
      checkOwners(now, end, partitioned, after);
      expect(texts(now.model, now.output(end).values()), where).to.deep.equal(
        central(floodingModel(written.text), input),
      );
    }
    if (count >= 10) expect(moved).to.be.greaterThan(count);
  });
});

/** The configuration with other members: nodes have put out nothing yet, and sent nothing; what
 * they know is what `stays`. */
function withMembers(
  { names, model }: TransducerNetwork,
  configuration: Configuration,
  { program, placements }: PartitionedProgram,
  { members }: Owners,
  stays: (name: string, fact: Fact) => boolean = () => true,
): Configuration {
  const all = program.relations.findIndex(({ place }) => place?.system === "All");
  expect(placements).to.have.length(program.relations.length);
  return names.reduce((changed, name) => {
    const none = model.start(name, members, []);
    const before = changed.nodes.get(name) ?? none;
    const kept = before.kept.filter((fact) => {
      const system = program.relations[fact.relation]?.place?.system !== undefined;
      return fact.relation !== all && (system || stays(name, fact));
    });
    return changed.setIn(["nodes", name], none.merge({ kept: none.kept.merge(kept) }));
  }, configuration);
}
