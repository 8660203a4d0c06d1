import type { DeclaredFunctor } from "./functor-declarations.ts";
import type { Term } from "./program.ts";
import type { DeclaredType } from "./type-system.ts";

/** A lattice whose elements are the values of a type. */
export type DeclaredLattice = {
  /** As attributes name it: `Min<float>`. */
  readonly name: string;
  readonly type: DeclaredType;
  /** The least element above two. */
  readonly lub: LatticeOperation;
  /** The greatest element below two, if that is known. */
  readonly glb: LatticeOperation | undefined;
  /** The elements are maps so many deep, and `lub` joins the values in the innermost. */
  readonly maps: number;
};

/** An operation on two elements, as a term of the variables 0 and 1. */
export type LatticeOperation = { readonly term: Term; readonly functor?: DeclaredFunctor };
