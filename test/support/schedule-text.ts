// Schedules as text, so that a run that once failed can be kept as a case:
//
//     nodes a b
//     links a-b
//     limits windowFacts 1 resendMs 20
//     calm 1200 converged 7200 late ordered gone b
//     insert 316 a r1 edge(0, 1) edge(1, 2)
//     insert 320 a r2 #input edge(1, 2) after r1
//     seal 600 a
//     join 300 c
//     crash 503 b keeps 1 torn down 40
//     restore 503 b permille 300 down 40
//     join 40 c by a
//     leave 80 c
//     forget 90 c by a
//     cut 233 a c / b one-way noticed until 543
//     fate a>b 3: 17 40
//
// A fate without numbers is that of a frame that is lost.
import { assert } from "../../src/base/assert.ts";
import { factText, type SimulatedProgram } from "../../src/sim/program.ts";
import type { Insert, Join, Schedule, TimedFault } from "../../src/sim/schedule.ts";
import type { Fact } from "../../src/transducer/fact.ts";

/** Returns a schedule that is all written down, as text. */
export function scheduleText(program: SimulatedProgram, schedule: Schedule): string {
  const { names, links, limits, inserts, faults, ordered, late, calmMs, gone, fates } = schedule;
  assert(fates.kind === "fixed", "a schedule is written down after its run");
  const { convergedMs } = schedule;
  const flags = [ordered && " ordered", late && " late"].filter((flag) => flag !== false).join("");
  return [
    `nodes ${names.join(" ")}`,
    `links ${links.map((ends) => ends.join("-")).join(" ")}`,
    `limits ${Object.entries(limits).flat().join(" ")}`,
    `calm ${calmMs}${convergedMs === undefined ? "" : ` converged ${convergedMs}`}${flags}${gone
      .map((name) => ` gone ${name}`)
      .join("")}`,
    ...inserts.map(({ atMs, node, request, facts, seals, after: first = [] }) => {
      if (seals !== undefined) return `seal ${atMs} ${node}`;
      const list = facts.map((fact) => factText(program, fact)).join(" ");
      const last = first.length === 0 ? "" : ` after ${first.join(" ")}`;
      return `insert ${atMs} ${node} ${request} ${list}${last}`;
    }),
    ...(schedule.joins ?? []).map(({ atMs, node }) => `join ${atMs} ${node}`),
    ...faults.map(faultText),
    ...Array.from(fates.fates, ([key, numbers]) => `fate ${key}: ${numbers.join(" ")}`.trim()),
  ].join("\n");
}

/** Reads what `scheduleText` writes; the facts are of numbers. */
export function readSchedule(program: SimulatedProgram, text: string): Schedule {
  const inserts: Insert[] = [];
  const faults: TimedFault[] = [];
  const joins: Join[] = [];
  const fates = new Map<string, readonly number[]>();
  const rest = new Map<string, string[]>();
  for (const line of text.split("\n")) {
    const [word = "", ...words] = line.split(" ");
    if (word === "insert") inserts.push(insertOf(program, words));
    else if (word === "seal") {
      const [at, node = ""] = words;
      const seals = program.sealing?.awaited ?? [];
      inserts.push({ atMs: Number(at), node, request: `seal-${node}`, facts: [], seals });
    } else if (word === "join" && !words.includes("by"))
      joins.push({ atMs: Number(words[0]), node: words[1] ?? "" });
    else if (word === "fate") {
      const [, key = "", numbers = ""] = /^fate (.*):(.*)$/.exec(line) ?? [];
      fates.set(key, numbers.split(" ").filter(Boolean).map(Number));
    } else if (["crash", "restore", "cut", "join", "leave", "forget"].includes(word))
      faults.push(faultOf(word, words));
    else rest.set(word, words);
  }
  const calm = ["calm", ...(rest.get("calm") ?? [])];
  const limits = rest.get("limits") ?? [];
  const converged = after(calm, "converged");
  return {
    ...{ names: rest.get("nodes") ?? [], inserts, faults, joins, fates: { kind: "fixed", fates } },
    links: (rest.get("links") ?? []).filter(Boolean).map((ends) => {
      const [a = "", b = ""] = ends.split("-");
      return [a, b] as const;
    }),
    limits: Object.fromEntries(
      limits.flatMap((word, at) => (at % 2 === 0 ? [[word, Number(limits[at + 1])]] : [])),
    ),
    ...{ ordered: calm.includes("ordered"), late: calm.includes("late") },
    calmMs: Number(after(calm, "calm")),
    gone: calm.flatMap((word, at) => (word === "gone" ? [calm[at + 1] ?? ""] : [])),
    ...(converged !== undefined && { convergedMs: Number(converged) }),
  };
}

function faultText(fault: TimedFault): string {
  const { atMs } = fault;
  switch (fault.kind) {
    case "crash": {
      const { node, keeps, torn, downMs } = fault;
      return `crash ${atMs} ${node} keeps ${keeps}${torn ? " torn" : ""} down ${downMs}`;
    }
    case "join":
    case "forget":
      return `${fault.kind} ${atMs} ${fault.node} by ${fault.by}`;
    case "leave":
      return `leave ${atMs} ${fault.node}`;
    case "restore":
      return `restore ${atMs} ${fault.node} permille ${fault.permille} down ${fault.downMs}`;
    case "cut": {
      const { from, to, oneWay, noticed, untilMs } = fault;
      const flags = `${oneWay ? " one-way" : ""}${noticed ? " noticed" : ""}`;
      return `cut ${atMs} ${from.join(" ")} / ${to.join(" ")}${flags} until ${untilMs}`;
    }
  }
}

function faultOf(kind: string, words: readonly string[]): TimedFault {
  const [at, node = ""] = words;
  const atMs = Number(at);
  const downMs = Number(after(words, "down"));
  if (kind === "leave") return { atMs, kind, node };
  if (kind === "join" || kind === "forget")
    return { atMs, kind, node, by: after(words, "by") ?? "" };
  if (kind === "restore")
    return { atMs, kind, node, permille: Number(after(words, "permille")), downMs };
  if (kind === "crash") {
    const torn = words.includes("torn");
    return { atMs, kind, node, keeps: Number(after(words, "keeps")), torn, downMs };
  }
  const [slash, flag] = [
    words.indexOf("/"),
    words.findIndex((word) => ["one-way", "noticed", "until"].includes(word)),
  ];
  return {
    ...{ atMs, kind: "cut", from: words.slice(1, slash), to: words.slice(slash + 1, flag) },
    ...{ oneWay: words.includes("one-way"), noticed: words.includes("noticed") },
    untilMs: Number(after(words, "until")),
  };
}

const factPattern = /((?:#\w+ )?\w+)\(([^)]*)\)/g;

function insertOf({ model }: SimulatedProgram, words: readonly string[]): Insert {
  const [at, node = "", request = "", ...rest] = words;
  const [list = "", first] = rest.join(" ").split(" after ");
  const facts = Array.from(list.matchAll(factPattern), ([, name, values = ""]): Fact => {
    const relation = model.network.roles.findIndex((role) => role.name === name);
    assert(relation >= 0, `there is a relation ${name ?? ""}`);
    return { relation, values: values.split(", ").map(BigInt) };
  });
  const before = first === undefined ? {} : { after: first.split(" ") };
  return { atMs: Number(at), node, request, facts, ...before };
}

function after(words: readonly string[], word: string): string | undefined {
  const at = words.indexOf(word);
  return at < 0 ? undefined : words[at + 1];
}
