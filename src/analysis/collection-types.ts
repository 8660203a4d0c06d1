// The types of what is computed of sets and maps in one rule: of `singleton`, `size`, `at` and
// `contains`.
import type { Label } from "../base/diagnostic.ts";
import type { StructureKind } from "../value/schema.ts";
import { structureName } from "../value/structure.ts";
import type { DeclaredCollection } from "./collection-lattices.ts";
import type { Declarations } from "./declarations.ts";
import type { DraftTerm } from "./draft.ts";
import type { Inference } from "./inference.ts";
import { type Kinds, kindSet } from "./kinds.ts";
import type { RecordTypes } from "./record-types.ts";

/** The sets and maps of one rule while their types are looked for. */
export class CollectionTypes {
  /** Whether nothing was refused. */
  complete = true;
  private readonly kinds: Kinds;
  private readonly records: RecordTypes;
  private readonly inference: Inference;
  private readonly declarations: Declarations;
  private readonly errorsBefore: number;

  constructor(
    kinds: Kinds,
    records: RecordTypes,
    inference: Inference,
    declarations: Declarations,
  ) {
    this.kinds = kinds;
    this.records = records;
    this.inference = inference;
    this.declarations = declarations;
    this.errorsBefore = declarations.findings.errorCount;
  }

  /** Says that `term`, a set or a map, is made of these members. */
  singleton(term: DraftTerm, members: readonly DraftTerm[]): void {
    const known = (collection: DeclaredCollection, kind: StructureKind): void => {
      const { key, value } = collection;
      const types = value === undefined ? [key] : [key, value];
      const name = structureName(kind);
      if (members.length !== types.length) {
        const takes = value === undefined ? "an element" : "a key and a value";
        const message = `\`singleton\` of a "${name}" takes ${takes}`;
        this.refuse("wrong-arity", `${message}, not ${count(members.length)}`, term);
        return;
      }
      const words = value === undefined ? ["an element"] : ["a key", "a value"];
      for (const [at, { kind: of }] of types.entries()) {
        const member = members[at];
        if (member !== undefined && of !== undefined)
          this.inference.only(member, of, `${words[at] ?? ""} of a "${name}"`);
      }
    };
    this.whenKnown(term, "`singleton` gives a set or a map", known);
  }

  /** Says that `size` is asked of a term. */
  size(term: DraftTerm): void {
    if (this.isCollection(term, "what `size` takes is a set or a map"))
      this.whenKnown(term, "`size` takes a set or a map", () => undefined);
  }

  /** Says that `result` is what the map has for the key. */
  at(map: DraftTerm, key: DraftTerm, result: DraftTerm): void {
    if (!this.isCollection(map, "the first argument of `at` is a map")) return;
    this.whenKnown(map, "`at` takes a map", ({ key: of, value }, kind) => {
      const name = structureName(kind);
      if (value?.kind === undefined || of.kind === undefined) {
        const hint = "`contains(s, x)` asks for an element";
        this.refuse("type-mismatch", `\`at\` takes a map, and a "${name}" is none`, map, { hint });
        return;
      }
      this.inference.only(key, of.kind, `a key of a "${name}"`);
      this.inference.only(result, value.kind, `a value of a "${name}"`);
    });
  }

  /** Says that a set or a map is asked for a member, unless `collection` is a symbol, or nothing
   * says what it is: then `otherwise` is called. */
  contains(collection: DraftTerm, member: DraftTerm, otherwise: () => void): void {
    const records = kindSet(["record"]);
    if ((this.kinds.possible(collection.type) & records) === 0) {
      otherwise();
      return;
    }
    const known = ({ key, value }: DeclaredCollection, kind: StructureKind): void => {
      const what = value === undefined ? "an element" : "a key";
      if (key.kind !== undefined)
        this.inference.only(member, key.kind, `${what} of a "${structureName(kind)}"`);
    };
    this.whenKnown(collection, "`contains` takes a symbol, a set or a map", known, otherwise);
  }

  private isCollection(term: DraftTerm, reason: string): boolean {
    const fits = this.inference.restrict(term, kindSet(["record"]), reason);
    this.complete &&= fits;
    return fits;
  }

  private whenKnown(
    term: DraftTerm,
    wants: string,
    then: (collection: DeclaredCollection, kind: StructureKind) => void,
    otherwise?: () => void,
  ): void {
    const known = (kind: StructureKind): void => {
      const collection = this.declarations.lattices.collections.collection(kind);
      if (collection !== undefined) {
        then(collection, kind);
        return;
      }
      const message = `${wants}, but here is a value of type "${structureName(kind)}"`;
      this.refuse("type-mismatch", message, term);
    };
    this.records.whenKnown(term.type, known, () => {
      if (otherwise === undefined) this.undetermined(term);
      else if (this.kinds.structure(term.type) === undefined) otherwise();
    });
  }

  private undetermined(term: DraftTerm): void {
    this.complete = false;
    const { findings } = this.declarations;
    // What is wrong elsewhere in the rule, or with a type that it uses, may be why.
    if (findings.errorCount > this.errorsBefore || this.records.usesBrokenTypes) return;
    const hint = "it is of the type of the attribute that it stands in, or that it comes from";
    const message = "nothing says which set or map this is";
    findings.error("undetermined-type", message, term.span, { hint });
  }

  private refuse(
    code: "wrong-arity" | "type-mismatch",
    message: string,
    { span }: DraftTerm,
    more: { readonly hint?: string; readonly related?: readonly Label[] } = {},
  ): void {
    this.complete = false;
    this.declarations.findings.error(code, message, span, more);
  }
}

function count(many: number): string {
  return `${many} argument${many === 1 ? "" : "s"}`;
}
