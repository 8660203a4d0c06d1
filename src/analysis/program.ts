// What analysis makes of a syntax tree: names resolved, types known, clauses taken apart into rules
// of one head and one conjunction, relations put into strata. No syntax is left, only spans.
import type { Span } from "../base/source.ts";
import type { Aggregate, Comparison, Functor, SymbolTest } from "../value/operator.ts";
import type { Attribute, Domain, StructureKind, Value, ValueKind } from "../value/schema.ts";
import type { Structures } from "../value/structure.ts";
import type { UserFunctor } from "../value/user-functor.ts";

/** A checked program. Relations, rules and strata are referred to by their places in the arrays. */
export type Program = {
  readonly domain: Domain;
  /** What the kinds of records and algebraic data types are made of. */
  readonly structures: Structures;
  readonly relations: readonly Relation[];
  /** Tuples that the text states, of constants only. A stated tuple with a functor is a rule. */
  readonly facts: readonly Fact[];
  readonly rules: readonly Rule[];
  /** The functors that rules call, with the places of their declarations. */
  readonly functors: readonly CalledFunctor[];
  /** The lattices that the text declares, used or not. */
  readonly lattices: readonly LatticeDeclaration[];
  /** In the order of evaluation: a stratum reads itself and those before it. Every relation is in
   * exactly one stratum. */
  readonly strata: readonly Stratum[];
  readonly directives: readonly Directive[];
  /** What the text says of its own coordination (`.calm`). */
  readonly contracts: readonly Contract[];
  /** What `.expect` says that relations hold in the end, exactly. */
  readonly expectations: readonly Expectation[];
  readonly transactions: readonly Transaction[];
  readonly pragmas: readonly {
    readonly key: string;
    readonly value: string;
    readonly span: Span;
  }[];
};

/** A functor that somebody has to implement. */
export type CalledFunctor = UserFunctor & { readonly span: Span };

/** A place in `Program.relations`. */
export type RelationAt = number;

/** A declared relation. */
export type Relation = {
  readonly name: string;
  readonly attributes: readonly Attribute[];
  /** The fixpoint of its stratum stops once the relation holds this many tuples (`.limitsize`). */
  readonly limit?: number;
  /** Replaced by its rules in every body; it has no tuples of its own. */
  readonly inlined: boolean;
  /** Declared `magic`: derived on demand; or `no_magic` (false): never so. */
  readonly magic?: boolean;
  /** Declared `eqrel`: the least equivalence that holds what is stated and derived. */
  readonly equivalence?: boolean;
  /** Choice domains: for each of these sets of columns, a tuple is left out if one that agrees with
   * it there came before it. */
  readonly choices?: readonly (readonly number[])[];
  /** How the last attributes are joined: there is one tuple for each of the others, its key. */
  readonly lattices?: readonly Lattice[];
  /** Where its tuples are, and for how long; absent where the text says and implies nothing. */
  readonly place?: Place;
  readonly span: Span;
};

/** How a relation lives on a network. A relation without a place is derived anew in every step from
 * what there is, or is the node's share of the input. */
export type Place = {
  /** Travels: derived at one node, delivered at another in a later step, and then kept, unless it
   * is an `event`. Heads of `:~` are messages whether or not it is declared. */
  readonly message?: true;
  /** Present for one step only. */
  readonly event?: true;
  /** Kept between steps. Heads of `:+` are, unless they are events, messages or inputs. */
  readonly memory?: true;
  /** Given by the runtime: the node itself, or the declared members. */
  readonly system?: "Id" | "All";
  /** A local view that is not final; nothing but another one reads it. */
  readonly snapshot?: true;
  /** A tuple is at the owner of these attributes' values; one set of columns for each qualifier. */
  readonly partitions?: readonly (readonly number[])[];
  /** Changed only by transactions; these columns are its key. */
  readonly ordered?: readonly number[];
  /** It holds the arguments of the transaction of its name, while that is carried out. */
  readonly arguments?: true;
  /** This relation holds the keys of that one which `.seal` rules have declared complete. A key is
   * made of the columns of its first partition; it is empty where there is none. */
  readonly seals?: RelationAt;
};

/** What `.calm` claims: `relation` is monotone (or a lattice or a functor keeps its order), is
 * ordered for a reason; the program is coordinating for a reason, or no worse than a level. */
export type Contract = { readonly span: Span } & (
  | { readonly claim: "monotone"; readonly of: ContractSubject }
  | { readonly claim: "ordered"; readonly relation: RelationAt; readonly reason: string }
  | { readonly claim: "coordinating"; readonly reason: string }
  | { readonly claim: "level"; readonly level: "M" | "F1" | "F2" | "ordered" }
);

/** What can be claimed to be monotone. A declared lattice is named without `<>`. */
export type ContractSubject =
  | { readonly kind: "relation"; readonly relation: RelationAt }
  | { readonly kind: "functor" | "lattice"; readonly name: string };

/** A lattice: `lub` gives the least element above two, the variables 0 and 1. Where there are
 * `maps`, the elements are maps (to maps, …) so many deep, and `lub` joins the values in the
 * innermost. */
export type Lattice = { readonly name: string; readonly lub: Term; readonly maps?: number };

/** What the text declares of a lattice. Operations are functors of the variables 0 and 1, `leq` one
 * that gives a number other than 0 where the first is below the second or is it; `bottom` and `top`
 * are constants, or functors without arguments. Evaluation has no use for `leq` and the bounds: a
 * key without a row has no value, also not the least. */
export type LatticeDeclaration = {
  /** Without `<>`. */
  readonly name: string;
  readonly of: ValueKind;
  readonly lub: Term;
  readonly glb?: Term;
  readonly leq?: Term;
  readonly bottom?: Term;
  readonly top?: Term;
  /** The place of its name. */
  readonly span: Span;
};

/** `.input`, `.output` or `.printsize` for one relation, with its parameters as written. */
export type Directive = {
  readonly word: "input" | "output" | "printsize";
  readonly relation: RelationAt;
  readonly parameters: ReadonlyMap<string, string>;
  readonly span: Span;
};

/** One stated tuple. */
export type Fact = {
  readonly relation: RelationAt;
  readonly values: readonly Value[];
  readonly span: Span;
};

/** `.expect r { (1, 2) }`: the tuples that a relation is to hold, neither more nor fewer. */
export type Expectation = {
  readonly relation: RelationAt;
  readonly tuples: readonly (readonly Value[])[];
  readonly span: Span;
};

/** `.transaction`: what changes ordered relations, and inserts into free ones. It is in no stratum:
 * its rules read the state before it and what the program's rules derive from that. */
export type Transaction = {
  readonly name: string;
  readonly parameters: readonly Attribute[];
  readonly rules: readonly TransactionRule[];
  /** The place of its name. */
  readonly span: Span;
};

/** One effect of a transaction, for each way to satisfy the body. */
export type TransactionRule = {
  /** What the arguments have to match; it binds the variables of the parameters. */
  readonly given: readonly Term[];
  readonly head:
    | { readonly kind: "abort"; readonly reason: Term }
    | {
        readonly kind: "insert" | "remove";
        readonly relation: RelationAt;
        readonly terms: readonly Term[];
      };
  readonly body: readonly Literal[];
  readonly variables: readonly Variable[];
  readonly span: Span;
};

/** One head and a conjunction. Variables are numbered within the rule, those that are local to an
 * aggregate included; no two scopes share one. Every variable is grounded by some order of the
 * body's literals. */
export type Rule = {
  readonly head: { readonly relation: RelationAt; readonly terms: readonly Term[] };
  readonly body: readonly Literal[];
  readonly variables: readonly Variable[];
  /** From `.plan`: version (the place of the delta among the atoms of the rule's own stratum) to
   * the order of the positive atoms, both from 0. */
  readonly orders?: ReadonlyMap<number, readonly number[]>;
  /** The rule derives nothing: its head is dropped where it differs from the second atom of the
   * body. The first atom of the body is the head itself; both are of the same relation. Of
   * their stratum the rest reads only what grows: relations without subsumptions or lattices. */
  readonly subsumes?: true;
  /** When the head holds: in the `next` step of this node (`:+`), or `later` (`:~`), at the node
   * that `location` names or at every neighbour. In this step where it is absent (`:-`). Such a
   * rule is in no stratum: it runs when all strata are complete. */
  readonly when?: "next" | "later";
  /** A symbol; the node at which a `later` head holds. */
  readonly location?: Term;
  /** The head's tuple is removed from memory in the next step (`-r(x) :+ …`). */
  readonly removes?: true;
  /** The clause it comes from; several rules may share one. */
  readonly span: Span;
};

/** A rule's variable. Names made by analysis start with `#`. */
export type Variable = { readonly name: string; readonly kind: ValueKind };

/** A part of a body. */
export type Literal =
  /** Some tuple matches the terms: binds their variables, and those that are fields of records. */
  | {
      readonly kind: "atom";
      readonly relation: RelationAt;
      readonly terms: readonly Term[];
      readonly span: Span;
    }
  /** No tuple matches the terms, all of which are grounded elsewhere or anonymous. */
  | {
      readonly kind: "negation";
      readonly relation: RelationAt;
      readonly terms: readonly Term[];
      readonly span: Span;
    }
  /** `=` with a variable that nothing else grounds binds it; so does `=` with a record that has
   * such variables for fields. A record with `_` inside stands on a side of `=` alone, and the
   * other side is grounded. */
  | {
      readonly kind: "comparison";
      readonly operator: Comparison;
      readonly of: ValueKind;
      readonly left: Term;
      readonly right: Term;
      readonly span: Span;
    }
  | {
      readonly kind: "test";
      readonly word: SymbolTest;
      readonly negated: boolean;
      readonly left: Term;
      readonly right: Term;
      readonly span: Span;
    }
  | { readonly kind: "boolean"; readonly value: boolean; readonly span: Span }
  /** Binds `variable` to each of `from`, `from + step`, … before `to`. Without a step it is 1, or
   * -1 where `from > to` (also for unsigned); a step of 0 gives `from` alone, where it is not
   * `to`. */
  | {
      readonly kind: "range";
      readonly variable: number;
      readonly of: ValueKind;
      readonly from: Term;
      readonly to: Term;
      readonly step?: Term;
      readonly span: Span;
    }
  /** Binds `variable` to the aggregate of `value` over all ways to satisfy `body`, for the given
   * values of the variables that the rest of the rule grounds. Every tuple of every atom in `body`
   * counts on its own, also where a term is anonymous. `of` is the kind of `value`; for `count` it
   * is `number` and there is no `value`. */
  | {
      readonly kind: "aggregate";
      readonly variable: number;
      readonly name: Aggregate;
      readonly of: ValueKind;
      readonly value?: Term;
      readonly fold?: Fold;
      readonly body: readonly Literal[];
      readonly span: Span;
    };

/** How a user-defined aggregate (`name` is `fold`) goes on from `start`, which is `of` its kind:
 * by `user(so far, value)`, with the values in value order. */
export type Fold = { readonly user: UserFunctor; readonly start: Term };

/** What stands for a value. `counter` is a fresh `number` each time (from 0, for the whole run);
 * `iteration`, an `unsigned`, is the round of the fixpoint. */
export type Term =
  | { readonly kind: "variable"; readonly variable: number }
  | { readonly kind: "anonymous" }
  | { readonly kind: "constant"; readonly of: ValueKind; readonly value: Value }
  | {
      readonly kind: "functor";
      readonly name: Functor;
      readonly of: ValueKind;
      readonly arguments: readonly Term[];
      readonly span: Span;
    }
  /** A functor that the program declares. */
  | {
      readonly kind: "functor";
      readonly name: "user";
      readonly user: UserFunctor;
      readonly arguments: readonly Term[];
      readonly span: Span;
    }
  /** A record, or a value of the branch of an algebraic data type, that has these fields; where
   * values are bound, the pattern that a value has to match: then fields may be anonymous. */
  | {
      readonly kind: "record";
      readonly of: StructureKind;
      readonly branch?: string;
      readonly fields: readonly Term[];
    }
  | { readonly kind: "counter" }
  | { readonly kind: "iteration" };

/** Relations that depend on each other, or one alone. `recursive`: some rule reads one of them. */
export type Stratum = {
  readonly relations: readonly RelationAt[];
  /** Places in `Program.rules` of the rules whose head is one of `relations`. */
  readonly rules: readonly number[];
  readonly recursive: boolean;
};
