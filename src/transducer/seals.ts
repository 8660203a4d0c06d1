import { assert } from "../base/assert.ts";
import type { Fact } from "./fact.ts";
import type { Origin, VersionVector } from "./protocol.ts";

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
   * Theorem 6.1 of the paper makes of Lemma 5.1. */
  readonly awaited?: readonly number[];
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

  private nameOf(relation: number): string {
    const name = this.sealing.names[relation];
    assert(name !== undefined, `there is a relation ${relation}`);
    return name;
  }
}
