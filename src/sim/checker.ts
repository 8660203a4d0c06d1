// What must hold of a network, checked as things happen. A check that fails ends the run.
import { type Fact, keyOf } from "../transducer/fact.ts";
import type { FactMap } from "../transducer/model.ts";
import type { Owners } from "../transducer/owners.ts";
import type {
  Accepted,
  Batch,
  Frame,
  Heard,
  LogRecord,
  NodeOutput,
  Origin,
  VersionVector,
} from "../transducer/protocol.ts";
import { lastOf } from "../transducer/shared.ts";
import type { Disk } from "./disk.ts";
import { mayBeAt, mayCome, ownersOfFact } from "./parts.ts";
import { answerOf, factText, missingFrom, type SimulatedProgram } from "./program.ts";

/** What is checked. */
export const checkKinds = {
  "output-right": "what is put out is in the answer of one machine on all input so far",
  "sealed-first": "what is put out stays right, whatever comes of keys that are not sealed",
  "at-owner": "what is in parts is at a node that owns it",
  "output-kept": "what was put out is there as long as its node, also after a crash",
  "acknowledged-kept": "what was acknowledged is there after a crash",
  "durable-first": "nothing is told before it is durable",
  "no-gaps": "what a node holds of an origin has no gaps",
  "dot-once": "a dot is one fact, and a request has the same dots whenever it is repeated",
  converged: "when faults have ended, all nodes hold all input and have the answer of one machine",
  replayed: "in another order, and more than once, the same input gives the same answer",
  "handed-over": "what a member that has left had acknowledged is there at another one",
  "no-fault": "no node stops by itself",
} as const;

/** One thing that is checked. */
export type CheckKind = keyof typeof checkKinds;

/** A check that failed. */
export class Violation extends Error {
  readonly check: CheckKind;

  constructor(check: CheckKind, message: string) {
    super(message);
    this.check = check;
  }
}

/** Sees all that nodes do, and all that is inserted. */
export class Checker {
  readonly counts = new Map<CheckKind, number>();
  private readonly program: SimulatedProgram;
  private readonly seals: readonly Fact[];
  private readonly inserted = new Map<string, readonly Fact[]>();
  /** The answer of one machine; and that with what may still come of keys that are not sealed. */
  private answers: readonly [FactMap, FactMap?] | undefined;
  /** All batches of each origin that were ever written down, by their first facts' numbers. */
  private readonly batches = new Map<Origin, Map<number, Batch>>();
  private readonly accepted = new Map<string, Accepted>();

  /** `seals` are all that come, of keys. */
  constructor(program: SimulatedProgram, seals: readonly Fact[] = []) {
    this.program = program;
    this.seals = seals;
  }

  /** Counts a check, and ends the run where it fails. */
  check(kind: CheckKind, holds: boolean, message: () => string): void {
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
    if (!holds) throw new Violation(kind, message());
  }

  /** A client, or whoever starts nodes, has input that nodes may know from here on. */
  insert(request: string, facts: readonly Fact[]): void {
    if (this.inserted.has(request)) return;
    this.inserted.set(request, facts);
    this.answers = undefined;
  }

  /** A node has done something. Its records are not on the disk yet. `owners` are those of now. */
  output(node: string, disk: Disk, out: NodeOutput, owners?: Owners): void {
    this.records(node, out.records, disk.writtenHolds);
    for (const { frame } of out.frames) this.frame(node, disk, frame);
    for (const accepted of out.accepted) {
      const { origin, from, to, request } = accepted;
      this.check("durable-first", (disk.holds.get(origin) ?? 0) >= to, () => {
        return `${node} accepts ${request} as ${origin}#${from}-${to}, which is not durable`;
      });
      const before = this.accepted.get(request) ?? accepted;
      const same = before.origin === origin && before.from === from && before.to === to;
      this.check("dot-once", same, () => {
        const { origin: other, from: first, to: last } = before;
        return `${request} was ${other}#${first}-${last}, and is ${origin}#${from}-${to}`;
      });
      this.accepted.set(request, accepted);
    }
    if (this.program.promise === "none") return;
    for (const { relation, tuples } of out.changes) {
      this.right(node, relation, tuples);
      for (const values of tuples) this.at(node, { relation, values }, owners);
    }
  }

  /** A request counts as new: the node that accepted it has an old copy of its log. */
  forget(request: string): void {
    this.accepted.delete(request);
  }

  /** Returns all facts of the batches of which so many facts are held. */
  held(holds: VersionVector): Fact[] {
    return [...holds].flatMap(([origin, count]) =>
      [...(this.batches.get(origin)?.values() ?? [])].flatMap((batch) =>
        lastOf(batch) <= count ? batch.facts : [],
      ),
    );
  }

  private right(node: string, relation: number, tuples: readonly Fact["values"][]): void {
    const { program } = this;
    this.answers ??= this.answersNow();
    const [answer, lasting] = this.answers;
    const facts = tuples.map((values) => ({ relation, values }));
    const list = (some: readonly Fact[]): string =>
      some.map((fact) => factText(program, fact)).join(" ");
    const wrong = missingFrom(program, facts, answer);
    this.check("output-right", wrong.length === 0, () => {
      return `${node} puts out ${list(wrong)}, which one machine does not`;
    });
    if (lasting === undefined) return;
    const early = missingFrom(program, facts, lasting);
    this.check("sealed-first", early.length === 0, () => {
      return `${node} puts out ${list(early)} before that is sure`;
    });
  }

  private at(node: string, fact: Fact, owners: Owners | undefined): void {
    const { parts } = this.program;
    if (parts === undefined || owners === undefined) return;
    this.check("at-owner", mayBeAt(parts, owners, node, fact), () => {
      const whose = ownersOfFact(parts, owners, fact).join(" and ");
      return `${node} puts out ${factText(this.program, fact)}, which is ${whose}'s`;
    });
  }

  private answersNow(): readonly [FactMap, FactMap?] {
    const { program, seals } = this;
    const { parts } = program;
    const facts = [...this.inserted.values()].flat();
    const answer = answerOf(program, facts);
    if (parts === undefined || seals.length === 0) return [answer];
    const given = new Set(facts.map(keyOf));
    const open = seals.filter((seal) => !given.has(keyOf(seal)));
    return [answer, answerOf(program, [...facts, ...mayCome(parts, open)])];
  }

  private records(node: string, records: readonly LogRecord[], written: VersionVector): void {
    const last = new Map(written);
    for (const record of records) {
      if (record.kind !== "batch") continue;
      const { batch } = record;
      const { origin, from } = batch;
      this.check("no-gaps", from === (last.get(origin) ?? 0) + 1, () => {
        return `${node} writes ${origin}#${from} after ${origin}#${last.get(origin) ?? 0}`;
      });
      last.set(origin, lastOf(batch));
      this.dots(batch);
    }
  }

  private dots(batch: Batch): void {
    const { origin, from, facts } = batch;
    const known = this.batches.get(origin) ?? new Map<number, Batch>();
    this.batches.set(origin, known);
    const before = known.get(from);
    const list = (some: readonly Fact[]): string =>
      some.map((fact) => factText(this.program, fact)).join(" ");
    this.check("dot-once", before === undefined || list(before.facts) === list(facts), () => {
      return `${origin}#${from} is ${list(facts)}, and was ${list(before?.facts ?? [])}`;
    });
    known.set(from, batch);
  }

  private frame(node: string, disk: Disk, frame: Frame): void {
    const durable = (origin: Origin, count: number): void => {
      this.check("durable-first", (disk.holds.get(origin) ?? 0) >= count, () => {
        return `${node} tells of ${origin}#${count}, which is not durable`;
      });
    };
    if (frame.kind === "messages" || frame.kind === "members" || frame.kind === "gone") return;
    if (frame.kind === "batch") {
      durable(frame.batch.origin, lastOf(frame.batch));
      this.dots(frame.batch);
      return;
    }
    for (const [origin, count] of frame.holds) durable(origin, count);
    const { heard } = frame;
    if (heard === undefined) return;
    const known = [...disk.heard.values()].some((other) => covers(other, heard));
    this.check("durable-first", known, () => {
      return `${node} acknowledges ${heard.origin}#${heard.number}, which is not durable`;
    });
  }
}

function covers(one: NonNullable<Heard>, other: NonNullable<Heard>): boolean {
  return one.origin === other.origin && one.number >= other.number;
}
