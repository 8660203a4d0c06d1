// Inference of how the terms of one rule are represented: classes of terms that have one kind, and
// for each class the kinds that are still possible.
import type { Span } from "../base/source.ts";
import { structured, type KindClass, type StructureKind, type ValueKind } from "../value/schema.ts";
import { structureName } from "../value/structure.ts";

/** A set of kinds, as bits. */
export type KindSet = number;

/** A class of terms that have one kind; two numbers may name one class. */
export type ClassAt = number;

/** Why a class has the kinds that it has: what was said, and where. */
export type Origin = { readonly text: string; readonly span: Span };

const bits = { number: 1, unsigned: 2, float: 4, symbol: 8, record: 16 } as const;

// The order decides what an undetermined term is: as in Soufflé, a number where it can be.
const order = ["number", "unsigned", "float", "symbol", "record"] as const;

/** Returns the set of these kinds. */
export function kindSet(kinds: readonly KindClass[]): KindSet {
  return kinds.reduce((set, kind) => set | bits[kind], 0);
}

/** Every kind. */
export const everyKind = kindSet(order);

/** The kinds of numbers. */
export const numericKinds = kindSet(["number", "unsigned", "float"]);

/** Returns a set in words: "a number or an unsigned". */
export function kindsInWords(set: KindSet): string {
  if (set === numericKinds) return "numeric";
  const words = order.filter((kind) => (set & bits[kind]) !== 0).map((kind) => article(kind));
  const last = words.pop() ?? "nothing";
  return words.length === 0 ? last : `${words.join(", ")} or ${last}`;
}

function article(kind: KindClass): string {
  return kind === "unsigned" ? `an ${kind}` : `a ${kind}`;
}

/** Returns a kind in words: "a number", or `of type "List"`. */
export function kindInWords(kind: ValueKind): string {
  return structured(kind) ? `of type "${structureName(kind)}"` : article(kind);
}

/** The classes of one rule. */
export class Kinds {
  private readonly parents: ClassAt[] = [];
  private readonly sets: KindSet[] = [];
  private readonly structures: (StructureKind | undefined)[] = [];
  private readonly origins: (Origin | undefined)[] = [];

  /** Adds a class of its own. */
  fresh(set: KindSet = everyKind, origin?: Origin): ClassAt {
    this.sets.push(set);
    this.structures.push(undefined);
    this.origins.push(origin);
    return this.parents.push(this.parents.length) - 1;
  }

  /** Leaves only kinds of `set`, of records those of `structure` if it is given. Where that would
   * leave none it changes nothing and is false. */
  restrict(at: ClassAt, set: KindSet, origin?: Origin, structure?: StructureKind): boolean {
    const root = this.root(at);
    const before = this.possible(root);
    const after = before & set;
    const known = this.structures[root];
    if (after === 0 || (known !== undefined && structure !== undefined && known !== structure))
      return false;
    this.sets[root] = after;
    this.structures[root] = known ?? structure;
    if (after !== before || this.origins[root] === undefined) this.origins[root] = origin;
    return true;
  }

  /** Makes two classes one. Where they have no kind in common it changes nothing and is false. */
  unify(a: ClassAt, b: ClassAt): boolean {
    const [rootA, rootB] = [this.root(a), this.root(b)];
    if (rootA === rootB) return true;
    const [setA, setB] = [this.possible(rootA), this.possible(rootB)];
    const [structureA, structureB] = [this.structures[rootA], this.structures[rootB]];
    const other = structureA !== undefined && structureB !== undefined && structureA !== structureB;
    if ((setA & setB) === 0 || other) return false;
    if ((setA & setB) !== setA || this.origins[rootA] === undefined)
      this.origins[rootA] = this.origins[rootB] ?? this.origins[rootA];
    this.sets[rootA] = setA & setB;
    this.structures[rootA] = structureA ?? structureB;
    this.parents[rootB] = rootA;
    return true;
  }

  /** Returns the kinds that are still possible. */
  possible(at: ClassAt): KindSet {
    return this.sets[this.root(at)] ?? everyKind;
  }

  /** Returns the one number that all names of a class share, as long as no two are made one. */
  representative(at: ClassAt): ClassAt {
    return this.root(at);
  }

  /** Returns the structure of a class of records, if it is known. */
  structure(at: ClassAt): StructureKind | undefined {
    return this.structures[this.root(at)];
  }

  /** Returns the kinds that are still possible in words. */
  inWords(at: ClassAt): string {
    const structure = this.structure(at);
    return structure === undefined ? kindsInWords(this.possible(at)) : kindInWords(structure);
  }

  /** Returns what left the class its kinds. */
  origin(at: ClassAt): Origin | undefined {
    return this.origins[this.root(at)];
  }

  /** Returns the kind of a class: the first that is possible. */
  kind(at: ClassAt): ValueKind {
    const set = this.possible(at);
    const first = order.find((kind) => (set & bits[kind]) !== 0) ?? "number";
    return first === "record" ? (this.structure(at) ?? "number") : first;
  }

  private root(at: ClassAt): ClassAt {
    let root = at;
    for (let up = this.parents[root]; up !== undefined && up !== root; up = this.parents[root])
      root = up;
    this.parents[at] = root;
    return root;
  }
}
