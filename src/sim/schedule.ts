// What happens to a network in one run: who inserts what, when which fault begins, and what becomes
// of single frames. A schedule is a function of a seed; a run writes down what it drew by chance,
// so that it can be repeated without the seed, and with less.
import type { Random } from "../base/random.ts";
import { random } from "../base/random.ts";
import { type Fact, keyOf } from "../transducer/fact.ts";
import type { NodeLimits } from "../transducer/node.ts";
import { type Crash, crashOf, type Fates } from "./fates.ts";
import type { FaultKind } from "./faults.ts";
import { type Parts, sealOf } from "./parts.ts";
import { faultsFor, type SimulatedProgram } from "./program.ts";

/** All that is decided of a run before it begins. Times are simulated milliseconds. */
export type Schedule = {
  readonly names: readonly string[];
  /** Between which nodes there are connections. */
  readonly links: readonly (readonly [string, string])[];
  readonly limits: Partial<NodeLimits>;
  readonly inserts: readonly Insert[];
  readonly faults: readonly TimedFault[];
  /** Nodes that are no members from the start, and when they ask to become such. */
  readonly joins?: readonly Join[];
  /** Frames of a connection arrive in the order in which they were sent. */
  readonly ordered: boolean;
  /** Frames of a broken connection arrive in the next one. */
  readonly late: boolean;
  /** When faults end. */
  readonly calmMs: number;
  /** Nodes that are gone when faults have ended. */
  readonly gone: readonly string[];
  /** When the network must have converged; absent where it need not. */
  readonly convergedMs?: number;
  readonly fates: Fates;
};

/** Facts that a client inserts at a node. It asks again until they are accepted. */
export type Insert = {
  readonly atMs: number;
  readonly node: string;
  readonly request: string;
  readonly facts: readonly Fact[];
  /** In place of facts: the relations that the node seals once all else is accepted there. */
  readonly seals?: readonly number[];
  /** Requests that have to be accepted before. */
  readonly after?: readonly string[];
};

/** A node asks to become a member. It asks again until it is. */
export type Join = { readonly atMs: number; readonly node: string };

/** A fault that begins at some time. */
export type TimedFault = { readonly atMs: number } & (
  | Crash
  | MemberFault
  | {
      readonly kind: "restore";
      readonly node: string;
      /** How many of its records a node comes back with: so many of a thousand. */
      readonly permille: number;
      readonly downMs: number;
    }
  /** Nothing goes from the one group to the other; nor back, unless `oneWay`. */
  | {
      readonly kind: "cut";
      readonly from: readonly string[];
      readonly to: readonly string[];
      readonly oneWay: boolean;
      /** Nodes are told that connections broke. */
      readonly noticed: boolean;
      readonly untilMs: number;
    }
);

/** A member comes or goes: `by` is the member that is told so. A node of which the first that
 * happens is that it joins is no member before. */
export type MemberFault =
  | { readonly kind: "join" | "forget"; readonly node: string; readonly by: string }
  | { readonly kind: "leave"; readonly node: string };

/** How a schedule is drawn. */
export type ScheduleOptions = {
  readonly seed: number;
  /** How many nodes there are at most; with `exactly`, there are so many. */
  readonly nodes: number;
  readonly exactly?: boolean;
  readonly faults: readonly FaultKind[];
  /** All of these kinds happen, not only some of them. */
  readonly every?: boolean;
  readonly input: readonly Fact[];
  /** Keys that are sealed, of a program in parts. */
  readonly keys?: readonly Fact[];
  /** `liveness`: faults end, and then the network must converge. `safety`: they go on. */
  readonly mode: "safety" | "liveness";
};

const stormMs = 1_200;
const convergeMs = 6_000;
/** When nodes have their share that do nothing before. */
const beginMs = 200;
/** Facts in one request, as long as there are not too many requests. */
const partMax = 3;
const requestsMax = 60;

/** Returns the schedule of a seed. Each seed has some of the kinds of faults. Where nodes do not
 * share their inputs, all of them are needed for an answer, and it makes a difference how often
 * something is inserted. */
export function scheduleOf(program: SimulatedProgram, options: ScheduleOptions): Schedule {
  const { seed, mode } = options;
  const { floods, sealing, parts } = program;
  const faults = faultsFor(program, options.faults);
  const from = random(seed);
  const count = options.exactly === true ? options.nodes : from.between(2, options.nodes);
  const names = Array.from({ length: count }, (_, at) => String.fromCharCode(97 + at));
  const kinds = faults
    .filter((kind) => !memberKinds.has(kind) || (kind === "join" && parts !== undefined))
    .filter(() => from.chance(0.6) || options.every === true);
  // An old copy of a log does not go with what is known of it from before.
  const restores = kinds.includes("restore");
  const links = linksOf(from, names, addresses(program));
  const complete = links.length === (count * (count - 1)) / 2;
  const limits = { ...limitsOf(from), ...forwardingOf(random(seed + 1)) };
  const inserts = [
    ...(parts === undefined
      ? insertsOf(from, names, options.input, program)
      : insertsInParts(from, names, options, parts)),
    ...names.flatMap((node): Insert[] => {
      const request = `seal-${node}`;
      if (sealing === undefined) return [];
      const atMs = floods ? stormMs / 2 : from.below(beginMs);
      return [{ atMs, node, request, facts: [], seals: sealing.awaited }];
    }),
  ];
  const comings =
    restores || !complete || !changing(program) ? [] : comingsOf(names, faults, inserts, options);
  const losable = complete && floods && sealing === undefined && kinds.includes("crash");
  return {
    ...{ names, links, limits, inserts },
    faults: [...timedFaults(from, names, kinds), ...comings].toSorted((a, b) => a.atMs - b.atMs),
    ...(kinds.includes("join") && { joins: joinsOf(from, names) }),
    ordered: !kinds.includes("reorder"),
    late: kinds.includes("late") && !restores,
    calmMs: stormMs,
    gone:
      losable && count > 2 && from.chance(0.3) && comings.length === 0 ? [from.pick(names)] : [],
    ...(mode === "liveness" && { convergedMs: stormMs + convergeMs }),
    fates: { kind: "random", seed, faults: kinds },
  };
}

const memberKinds: ReadonlySet<FaultKind> = new Set(["join", "leave", "forget"]);

/** Whether members may come and go: all nodes hold all, and none waits for what others seal. */
function changing({ floods, sealing, parts }: SimulatedProgram): boolean {
  return floods && sealing === undefined && parts === undefined;
}

/** Draws which members come and go: the first of the nodes stays, and is told. */
function comingsOf(
  [by = "", ...others]: readonly string[],
  faults: readonly FaultKind[],
  inserts: readonly Insert[],
  { seed, every }: ScheduleOptions,
): TimedFault[] {
  // Not the numbers that all else is drawn with.
  const from = random(seed ^ 0x70195);
  if (!from.chance(0.8) && every !== true) return [];
  return others.flatMap((node): TimedFault[] => {
    const kind = from.pick(["join", "leave", "forget", "crash"] as const);
    // Who leaves right after an insert may be the only one who has it.
    const own = inserts.filter((insert) => insert.node === node && insert.atMs < stormMs - 20);
    const last = kind === "leave" && own.length > 0 ? from.pick(own).atMs : undefined;
    const atMs = last === undefined ? from.between(1, stormMs - 1) : last + from.between(1, 9);
    const again = from.chance(0.5) && faults.includes("join");
    if (kind === "crash" || !faults.includes(kind)) return [];
    if (kind === "join") return [{ atMs, kind, node, by }];
    const gone: TimedFault = kind === "leave" ? { atMs, kind, node } : { atMs, kind, node, by };
    const back = from.between(atMs, stormMs);
    return again ? [gone, { atMs: back, kind: "join", node, by }] : [gone];
  });
}

/** Whether rules send to nodes that they name: these have to be neighbours. */
function addresses({ model }: SimulatedProgram): boolean {
  return model.network.effects.some((effect) => effect.kind === "send" && effect.located);
}

/** A complete graph, a line, a star, or a ring. */
function linksOf(
  from: Random,
  names: readonly string[],
  complete: boolean,
): (readonly [string, string])[] {
  const [first = "", ...others] = names;
  const line = others.map((name, at) => [names[at] ?? "", name] as const);
  const shape = complete ? undefined : from.below(8);
  if (shape === 0) return line;
  if (shape === 1) return others.map((name) => [first, name] as const);
  if (shape === 2 && names.length > 2) return [...line, [first, names.at(-1) ?? ""]];
  return names.flatMap((a, at) => names.slice(at + 1).map((b) => [a, b] as const));
}

function limitsOf(from: Random): Partial<NodeLimits> {
  return {
    windowFacts: from.pick([1, 3, 1000]),
    frameFacts: from.pick([1, 2, 1000]),
    resendMs: from.pick([20, 60]),
    heartbeatsMax: from.pick([1, 2, 1000]),
  };
}

/** How long nodes wait for others to send what these accepted. */
function forwardingOf(from: Random): Partial<NodeLimits> {
  return { forwardMs: from.pick([0, 20, 60]), aloneMs: from.pick([50, 1000]) };
}

function insertsOf(
  from: Random,
  names: readonly string[],
  input: readonly Fact[],
  { floods, sealing }: Pick<SimulatedProgram, "floods" | "sealing">,
): Insert[] {
  const inserts: Insert[] = [];
  // Where nodes begin once they have their share, most of the storm is still to come then.
  const lastMs = sealing !== undefined && !floods ? beginMs : stormMs;
  const most = Math.max(partMax, Math.ceil((2 * input.length) / requestsMax));
  for (let at = 0; at < input.length;) {
    const facts = input.slice(at, at + from.between(1, most));
    at += facts.length;
    const times = floods && from.chance(0.15) ? 2 : 1;
    for (let time = 0; time < times; time++)
      inserts.push({
        ...{ atMs: from.below(lastMs), node: from.pick(names) },
        ...{ request: `r${inserts.length + 1}`, facts },
      });
  }
  return inserts.toSorted((a, b) => a.atMs - b.atMs);
}

/** The last node, or the last two, are no members from the start. */
function joinsOf(from: Random, names: readonly string[]): Join[] {
  const most = Math.min(2, names.length - 1);
  if (most < 1) return [];
  return names.slice(names.length - from.between(1, most)).map((node) => {
    return { atMs: from.between(1, stormMs), node };
  });
}

/** Facts of inputs in parts go to their owners, or to any node that sends them there. A key is
 * sealed once all facts with it are accepted. */
function insertsInParts(
  from: Random,
  names: readonly string[],
  { input, keys = [] }: ScheduleOptions,
  parts: Parts,
): Insert[] {
  const { arrivals, closing } = parts;
  const shared = { floods: true };
  const closes = ({ relation }: Fact): boolean => closing.has(relation);
  const facts = input.filter((fact) => !closes(fact));
  const placed = facts.map((fact) => {
    const arrival = from.chance(0.3) ? arrivals.get(fact.relation) : undefined;
    // Whoever seals a key has to have its facts: they do not arrive from elsewhere.
    const stays = arrival === undefined || parts.seals.has(fact.relation);
    return stays ? fact : { ...fact, relation: arrival };
  });
  const inserts = insertsOf(from, names, placed, shared);
  const last = insertsOf(from, names, input.filter(closes), shared).map((insert): Insert => ({
    ...{ ...insert, request: `c${insert.request}` },
    after: inserts.map(({ request }) => request),
  }));
  const asked = new Map<string, string[]>();
  for (const { request, facts: some } of inserts)
    for (const seal of some.flatMap((fact) => sealOf(parts, fact) ?? []))
      asked.set(keyOf(seal), [...(asked.get(keyOf(seal)) ?? []), request]);
  const size = Math.max(1, Math.ceil(keys.length / requestsMax));
  const sealing = Array.from({ length: Math.ceil(keys.length / size) }, (_, at): Insert => {
    const some = keys.slice(at * size, (at + 1) * size);
    const before = new Set(some.flatMap((seal) => asked.get(keyOf(seal)) ?? []));
    return {
      ...{ atMs: from.below(stormMs), node: from.pick(names), request: `s${at + 1}` },
      ...{ facts: some, after: [...before] },
    };
  });
  return [...inserts, ...last, ...sealing].toSorted((a, b) => a.atMs - b.atMs);
}

function timedFaults(
  from: Random,
  names: readonly string[],
  kinds: readonly FaultKind[],
): TimedFault[] {
  const faults: TimedFault[] = [];
  const torn = kinds.includes("torn");
  if (kinds.includes("crash") || torn)
    for (let count = from.between(1, 4); count > 0; count--)
      faults.push({ atMs: from.below(stormMs), ...crashOf(from, from.pick(names), torn) });
  if (kinds.includes("restore"))
    faults.push({
      ...{ atMs: from.between(stormMs / 3, stormMs - 1), kind: "restore", node: from.pick(names) },
      ...{ permille: from.below(1000), downMs: from.between(1, 200) },
    });
  for (const kind of ["cut", "one-way"] as const) {
    if (!kinds.includes(kind) || names.length < 2) continue;
    for (let count = from.between(1, 3); count > 0; count--) {
      const mixed = from.shuffled(names);
      const size = from.between(1, names.length - 1);
      const atMs = from.below(stormMs);
      faults.push({
        ...{ atMs, kind: "cut", from: mixed.slice(0, size), to: mixed.slice(size) },
        ...{ oneWay: kind === "one-way", noticed: from.chance(0.5) },
        untilMs: Math.min(stormMs, atMs + from.between(10, 500)),
      });
    }
  }
  return faults.toSorted((a, b) => a.atMs - b.atMs);
}
