import { assert } from "../base/assert.ts";
import type { SealRule } from "../plan/seal-rules.ts";
import type { Fact } from "./fact.ts";
import type { Origin, VersionVector } from "./protocol.ts";
import type { Transducer } from "./transducer.ts";

/** Where seals are, and who has to give them. */
export type Sealing = {
  /** The place of the relation of seals (`sealable` in `plan/network.ts`). */
  readonly relation: number;
  /** The names of the program's relations. */
  readonly names: readonly string[];
  /** The declared members. */
  readonly members: readonly string[];
  /** Nothing is evaluated before all members have sealed these relations and the node holds all of
   * them: then the answer of any program is that of one machine, once and for all. It is what
   * Theorem 6.1 of the paper makes of Lemma 5.1. Where nodes do not share their inputs, the node
   * waits for its own seals alone: its first step has the whole of its share. */
  readonly awaited?: readonly number[];
  /** The rules that seal. */
  readonly rules?: readonly SealRule[];
  /** What evaluates these rules while input is awaited. */
  readonly early?: Early;
};

/** Computes a part of a program beside the rest, from facts of the relations in `reads` alone. */
export type Early = { readonly transducer: Transducer; readonly reads: ReadonlySet<number> };

/** How things stand with the seals of one relation. */
export type SealView = {
  readonly relation: number;
  /** Whether the node waits for them. */
  readonly awaited: boolean;
  /** The members that have sealed it, and those that have not. */
  readonly sealed: readonly string[];
  readonly missing: readonly string[];
  /** Whether all have, and the node holds all of it. */
  readonly complete: boolean;
};

/** What members have said is complete. A seal is made of facts, one for each life of the member:
 * (member, relation, origin, facts of the origin before the seal). */
export class Seals {
  private readonly sealing: Sealing;
  /** By relation and member, how many facts of which origins belong to it. */
  private readonly known = new Map<string, Map<string, Map<Origin, number>>>();

  constructor(sealing: Sealing) {
    this.sealing = sealing;
  }

  /** Whether a member has sealed a relation. */
  has(member: string, relation: number): boolean {
    return this.known.get(this.nameOf(relation))?.has(member) === true;
  }

  /** The facts by which a member seals relations, of which it holds all that it ever will. */
  facts(member: string, relations: readonly number[], lives: VersionVector): Fact[] {
    return relations.flatMap((relation) =>
      [...lives].map(([origin, count]) => ({
        relation: this.sealing.relation,
        values: [member, this.nameOf(relation), origin, BigInt(count)],
      })),
    );
  }

  /** Takes note of a fact that is a seal, or is none. */
  note({ relation, values }: Fact): void {
    if (relation !== this.sealing.relation) return;
    const [member, name, origin, count] = values;
    assert(typeof member === "string" && typeof name === "string", "a seal names who and what");
    assert(typeof origin === "string" && typeof count === "bigint", "a seal counts facts");
    const members = this.known.get(name) ?? new Map<string, Map<Origin, number>>();
    const lives = members.get(member) ?? new Map<Origin, number>();
    lives.set(origin, Math.max(lives.get(origin) ?? 0, Number(count)));
    this.known.set(name, members.set(member, lives));
  }

  /** Whether all members have sealed a relation, and all of it is among what is held. */
  complete(relation: number, holds: VersionVector): boolean {
    const members = this.known.get(this.nameOf(relation));
    return this.sealing.members.every((member) => {
      const lives = members?.get(member);
      return (
        lives !== undefined &&
        [...lives].every(([origin, count]) => (holds.get(origin) ?? 0) >= count)
      );
    });
  }

  /** Whether a fact of a relation, by its number among those of an origin, is among those that the
   * member whose life the origin is has sealed. */
  covers(member: string, relation: number, origin: Origin, number: number): boolean {
    const lives = this.known.get(this.nameOf(relation))?.get(member);
    return number <= (lives?.get(origin) ?? 0);
  }

  /** How things stand with all relations that are awaited, or that some member has sealed. */
  views(holds: VersionVector): SealView[] {
    const { members, names, awaited = [] } = this.sealing;
    return names.flatMap((name, relation): SealView[] => {
      const by = this.known.get(name);
      const waits = awaited.includes(relation);
      if (!waits && by === undefined) return [];
      const sealed = members.filter((member) => by?.has(member) === true);
      const missing = members.filter((member) => by?.has(member) !== true);
      const complete = this.complete(relation, holds);
      return [{ relation, awaited: waits, sealed, missing, complete }];
    });
  }

  private nameOf(relation: number): string {
    const name = this.sealing.names[relation];
    assert(name !== undefined, `there is a relation ${relation}`);
    return name;
  }
}
