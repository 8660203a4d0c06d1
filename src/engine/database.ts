import type { Plan } from "../plan/plan.ts";
import { Values } from "../value/values.ts";
import { LimitFault, memoryReached } from "./limit.ts";
import { Memory } from "./memory.ts";
import { Relation } from "./relation.ts";
import type { FormRules } from "./set-choice.ts";

/** What a database has from another one. Words mean the same where `values` are the same; these are
 * to be of the same domain and structures. */
export type Shared = {
  readonly values?: Values;
  /** Returns the relation of a name and place, where there is one to share. */
  readonly relation?: (name: string, at: number) => Relation | undefined;
  /** Where other relations have their memory from. */
  readonly memory?: Memory;
};

/** How a database keeps its relations. */
export type Keeping = {
  /** When the set of a relation has which form. */
  readonly forms?: FormRules;
  /** The most pages of 64 KiB that arrays share with WebAssembly; more arrays are plain. */
  readonly heapPagesMax?: number;
};

/** The relations of a program and what their words mean. Input is put into it before `evaluate`. */
export class Database {
  readonly values: Values;
  /** In the order of the plan's relations. */
  readonly relations: readonly Relation[];
  /** Where the relations have their memory from. */
  readonly memory: Memory;

  constructor(
    { domain, structures, relations }: Pick<Plan, "domain" | "structures" | "relations">,
    shared: Shared = {},
    { forms, heapPagesMax }: Keeping = {},
  ) {
    this.memory = shared.memory ?? new Memory(heapPagesMax);
    this.values = shared.values ?? new Values(domain, structures);
    this.relations = relations.map(
      (schema, at) =>
        shared.relation?.(schema.name, at) ?? new Relation(schema, this.memory, forms),
    );
  }

  /** The bytes that relations, indexes and values hold. */
  get memoryBytes(): number {
    return this.memory.bytes + this.values.memoryBytes;
  }

  /** Bounds what relations, indexes and values hold together: what would take more is refused with
   * a `LimitFault`. What is there already is not. */
  bound(bytesMax: number): void {
    const { memory, values } = this;
    memory.bytesMax = bytesMax - values.memoryBytes;
    values.room.ask =
      bytesMax === Infinity
        ? undefined
        : (bytes) => {
            const left = bytesMax - values.memoryBytes - bytes;
            if (memory.bytes > left) throw new LimitFault("out-of-memory", memoryReached);
            memory.bytesMax = left;
          };
  }

  /** The relation of that place or name. */
  relation(which: number | string): Relation | undefined {
    if (typeof which === "number") return this.relations[which];
    return this.relations.find(({ schema }) => schema.name === which);
  }
}
