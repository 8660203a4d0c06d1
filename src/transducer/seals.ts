import { assert } from "../base/assert.ts";
import type { SealRule } from "../plan/seal-rules.ts";
import type { Fact } from "./fact.ts";
import { joinedMembers, type Members, presentNames } from "./membership.ts";
import { nameOf, type Origin, type VersionVector } from "./protocol.ts";
import type { Transducer } from "./transducer.ts";

/** Where seals are, and who has to give them. */
export type Sealing = {
  /** The place of the relation of seals (`sealable` in `plan/network.ts`). */
  readonly relation: number;
  /** The names of the program's relations. */
  readonly names: readonly string[];
  /** Who the members are, as far as the node is told whenever it starts. */
  readonly members: Members;
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
  /** The members that have sealed it, and those that have to and have not. */
  readonly sealed: readonly string[];
  readonly missing: readonly string[];
  /** Whether all have, and the node holds all of it. */
  readonly complete: boolean;
};

/** What stands in a fact for all relations: the one who says it does not seal, but holds so much of
 * a member that is none any more. */
const everything = "";

/** What members have said is complete. A seal is made of facts, one for each life of the member:
 * (member, relation, origin, facts of the origin before the seal).
 *
 * Who has to seal what is awaited is decided by what is known of the members: all who ever were,
 * but for those who are forgotten. What counts of one that is a member no more has to be the same
 * at all nodes, whoever of them heard how much of it: so each of those who stay says what it holds
 * of it, takes no more of it from then on than others of them say that they hold, and all wait for
 * what all of them have said. Who completes a relation then holds all that anybody did who had
 * completed it before: that one has said so and is waited for, or is none any more and others have
 * said what they hold of it, and, in the same batch and anew, of those who went before. */
export class Seals {
  private readonly sealing: Sealing;
  /** By relation and member, how many facts of which origins belong to it. */
  private readonly known = new Map<string, Map<string, Map<Origin, number>>>();
  /** By member, and who says it, how many facts of which origins are held. */
  private readonly vouched = new Map<string, Map<string, Map<Origin, number>>>();
  private members: Members;

  constructor(sealing: Sealing) {
    this.sealing = sealing;
    this.members = sealing.members;
  }

  /** Takes note of what is said of the members. */
  learn(members: Members): void {
    this.members = joinedMembers(this.members, members);
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

  /** The facts by which a node says what it holds of members that are none any more, where there is
   * one of whom it has not: of each at least one, also where it holds nothing. */
  vouchers(by: string, members: Members, holds: VersionVector): Fact[] {
    const { relation, awaited = [] } = this.sealing;
    if (awaited.length === 0 || members.get(by)?.status !== "member") return [];
    const former = [...members].flatMap(([name, { status }]) => (status === "member" ? [] : name));
    if (former.every((member) => this.vouched.get(member)?.has(by))) return [];
    return former.flatMap((member): Fact[] => {
      const lives = [...holds].filter(([origin]) => nameOf(origin) === member);
      return [[`${member}/0`, 0] as const, ...lives].map(([origin, count]) => ({
        relation,
        values: [member, everything, origin, BigInt(count)],
      }));
    });
  }

  /** Whether a node that says what it holds takes facts of an origin up to a number. */
  admits(by: string, origin: Origin, number: number): boolean {
    const vouched = this.vouched.get(nameOf(origin));
    return vouched?.has(by) !== true || number <= this.counted(origin);
  }

  /** Takes note of a fact that is a seal, or is none. Nobody seals for another. */
  note({ relation, values }: Fact, by: string): void {
    if (relation !== this.sealing.relation) return;
    const [member, name, origin, count] = values;
    assert(typeof member === "string" && typeof name === "string", "a seal names who and what");
    assert(typeof origin === "string" && typeof count === "bigint", "a seal counts facts");
    if ((name === everything) === (member === by)) return;
    const [into, what, who] =
      name === everything ? [this.vouched, member, by] : [this.known, name, member];
    const said = into.get(what) ?? new Map<string, Map<Origin, number>>();
    const lives = said.get(who) ?? new Map<Origin, number>();
    lives.set(origin, Math.max(lives.get(origin) ?? 0, Number(count)));
    into.set(what, said.set(who, lives));
  }

  /** Whether all have sealed a relation who have to, and all of it is among what is held. */
  complete(relation: number, holds: VersionVector): boolean {
    const sealed = this.known.get(this.nameOf(relation));
    const held = (lives: VersionVector | undefined): boolean =>
      lives !== undefined &&
      [...lives].every(([origin, count]) => (holds.get(origin) ?? 0) >= count);
    const stay = presentNames(this.members);
    return [...this.members].every(([member, { status }]) => {
      if (this.hasToSeal(member, relation) && !held(sealed?.get(member))) return false;
      if (status === "member" || !this.awaits(relation)) return true;
      const vouched = this.vouched.get(member);
      return stay.every((by) => held(vouched?.get(by)));
    });
  }

  /** Whether a fact of a relation, by its number among those of an origin, is among those that the
   * member whose life the origin is has sealed, or, where it had not, that others held of it. */
  covers(member: string, relation: number, origin: Origin, number: number): boolean {
    const lives = this.known.get(this.nameOf(relation))?.get(member);
    if (lives !== undefined) return number <= (lives.get(origin) ?? 0);
    return number <= this.counted(origin);
  }

  /** How things stand with all relations that are awaited, or that some member has sealed. */
  views(holds: VersionVector): SealView[] {
    const members = [...this.members.keys()].toSorted();
    return this.sealing.names.flatMap((name, relation): SealView[] => {
      const by = this.known.get(name);
      const awaited = this.awaits(relation);
      if (!awaited && by === undefined) return [];
      const sealed = members.filter((member) => by?.has(member) === true);
      const missing = members.filter(
        (member) => by?.has(member) !== true && this.hasToSeal(member, relation),
      );
      return [{ relation, awaited, sealed, missing, complete: this.complete(relation, holds) }];
    });
  }

  /** How many facts of an origin count by what those say who stay. */
  private counted(origin: Origin): number {
    const vouched = this.vouched.get(nameOf(origin));
    const stay = presentNames(this.members);
    return Math.max(0, ...stay.map((by) => vouched?.get(by)?.get(origin) ?? 0));
  }

  /** A member that has left had sealed what is awaited before it could. */
  private hasToSeal(member: string, relation: number): boolean {
    const status = this.members.get(member)?.status;
    return status === "member" || (status === "left" && this.awaits(relation));
  }

  private awaits(relation: number): boolean {
    return this.sealing.awaited?.includes(relation) === true;
  }

  private nameOf(relation: number): string {
    const name = this.sealing.names[relation];
    assert(name !== undefined, `there is a relation ${relation}`);
    return name;
  }
}
