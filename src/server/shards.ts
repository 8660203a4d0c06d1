// Who has what of a program in parts, as one of its nodes sees it.
import { ownersOf, type PartitionedProgram } from "../plan/partitioned-program.ts";
import type { Fact } from "../transducer/fact.ts";
import type { IncrementalTransducer } from "../transducer/incremental.ts";
import { Owners } from "../transducer/owners.ts";
import type { Value } from "../value/schema.ts";
import type { Goal } from "./goal.ts";

/** What was computed in an earlier life. */
export type Answering = Pick<IncrementalTransducer, "tuples" | "matching">;

/** The shards of a network, for some members. */
export class Shards {
  readonly owners: Owners;
  /** Whether each tuple is at its owner. Until then, nodes that were owners before these were the
   * members may have what the new ones lack. */
  get settled(): boolean {
    return this.before === undefined;
  }

  /** What was told here before these were the members, until that is at their owners; `unknown`
   * where the process has begun since. */
  private before: readonly Answering[] | "unknown" | undefined;
  private readonly parts: PartitionedProgram;
  private readonly self: string;

  /** `self` is the node that asks, one of the members. */
  constructor(parts: PartitionedProgram, self: string, members: Iterable<string>) {
    this.parts = parts;
    this.self = self;
    this.owners = new Owners(members);
  }

  /** Tuples may be elsewhere than at their owners, at those that were so before. */
  unsettle(before: readonly Answering[] | "unknown"): void {
    this.before = before;
  }

  /** Each tuple is at its owner. */
  settle(): void {
    this.before = undefined;
  }

  /** What else has to be asked, beside what this life has: nothing once all is settled. */
  get former(): readonly Answering[] | "unknown" {
    return this.before ?? [];
  }

  /** Whether tuples of a relation are at several nodes, each at some. */
  inParts(relation: number): boolean {
    return this.parts.placements[relation]?.kind !== "everywhere";
  }

  /** The node that accepts a fact of a client: its owner; where nobody owns it the one that is
   * given, which is this one unless it is another. */
  homeOf({ relation, values }: Fact, other = this.self): string {
    return this.owners.ofTuple(ownersOf(this.parts, relation), values)[0] ?? other;
  }

  /** Whether a tuple that a node has is told by that: not by another one, too. */
  tellsOf(member: string, fact: Fact): boolean {
    return !this.settled || this.homeOf(fact, member) === member;
  }

  /** Returns those of a relation's tuples that this node tells of: of several owners the first. */
  told(relation: number, tuples: readonly (readonly Value[])[]): readonly (readonly Value[])[] {
    return tuples.filter((values) => this.homeOf({ relation, values }) === this.self);
  }

  /** The node that has all the answers of a goal; undefined where several have some. */
  ownerOf({ relation, pattern }: Goal): string | undefined {
    if (!this.settled) return undefined;
    for (const columns of ownersOf(this.parts, relation)) {
      const key: Value[] = [];
      for (const column of columns) {
        const term = pattern[column];
        if (term?.kind === "value") key.push(term.value);
      }
      if (key.length === columns.length) return this.owners.of(key);
    }
    return undefined;
  }

  /** The facts that seal keys of a relation; undefined where no rule waits for its seals. */
  sealing(relation: number, keys: readonly (readonly Value[])[]): Fact[] | undefined {
    const seals = this.parts.seals.get(relation);
    return seals === undefined ? undefined : keys.map((values) => ({ relation: seals, values }));
  }

  /** The columns by whose values a relation is sealed, and its first owner is known. */
  keyOf(relation: number): readonly number[] {
    return ownersOf(this.parts, relation)[0] ?? [];
  }
}
