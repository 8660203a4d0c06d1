// Who has what of a program in parts, as one of its nodes sees it.
import { ownersOf, type PartitionedProgram } from "../plan/partitioned-program.ts";
import type { Fact } from "../transducer/fact.ts";
import { Owners } from "../transducer/owners.ts";
import type { Value } from "../value/schema.ts";
import type { Goal } from "./goal.ts";

/** The shards of a network, for some members. */
export class Shards {
  readonly owners: Owners;
  private readonly parts: PartitionedProgram;
  private readonly self: string;

  /** `self` is the node that asks, one of the members. */
  constructor(parts: PartitionedProgram, self: string, members: Iterable<string>) {
    this.parts = parts;
    this.self = self;
    this.owners = new Owners(members);
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

  /** Returns those of a relation's tuples that this node tells of: of several owners the first. */
  told(relation: number, tuples: readonly (readonly Value[])[]): readonly (readonly Value[])[] {
    return tuples.filter((values) => this.homeOf({ relation, values }) === this.self);
  }

  /** The node that has all the answers of a goal; undefined where several have some. */
  ownerOf({ relation, pattern }: Goal): string | undefined {
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

  /** The relation of the sealed keys of another one; undefined where nothing waits for its
   * seals. */
  sealsOf(relation: number): number | undefined {
    return this.parts.seals.get(relation);
  }
}
