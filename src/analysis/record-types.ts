// The types of records in one rule: `[…]` and `nil` do not say theirs, so that the rest of the rule
// has to. Where it says nothing, records have a type that their fields make.
import type { Span } from "../base/source.ts";
import type { StructureKind } from "../value/schema.ts";
import { structureName } from "../value/structure.ts";
import type { Declarations } from "./declarations.ts";
import type { DraftTerm } from "./draft.ts";
import type { Inference } from "./inference.ts";
import { type ClassAt, type Kinds, kindSet } from "./kinds.ts";
import type { DeclaredShape } from "./type-system.ts";

type Waiting = {
  readonly type: ClassAt;
  readonly then: (kind: StructureKind) => void;
  readonly otherwise: () => void;
};

type Record = DraftTerm & { readonly kind: "record" };

/** The records of one rule while their types are looked for. */
export class RecordTypes {
  /** A type whose declaration was refused is used, which may be why others are not known. */
  usesBrokenTypes = false;
  private readonly kinds: Kinds;
  private readonly inference: Inference;
  private readonly declarations: Declarations;
  private readonly errorsBefore: number;
  /** Records and `nil` whose type is not known yet; what is inside of one stands before it. */
  private readonly untyped: DraftTerm[] = [];
  /** Records whose fields are of the same types as those of the first one of their class. */
  private readonly matched = new Map<Record, Record>();
  /** What waits for the structure of a class. */
  private readonly waiting: Waiting[] = [];
  private complete = true;

  constructor(kinds: Kinds, inference: Inference, declarations: Declarations) {
    this.kinds = kinds;
    this.inference = inference;
    this.declarations = declarations;
    this.errorsBefore = declarations.findings.errorCount;
  }

  /** Adds a record or a `nil`, after those inside of it. */
  add(term: DraftTerm): void {
    this.untyped.push(term);
  }

  /** Calls `then` once the structure of a class is known, or else `otherwise` in the end. */
  whenKnown(type: ClassAt, then: (kind: StructureKind) => void, otherwise: () => void): void {
    this.waiting.push({ type, then, otherwise });
  }

  /** Gives all records their types; reports what is wrong with them, and is then false. */
  found(): boolean {
    while (this.typed() || this.told() || (this.complete && this.equalized()) || this.undeclared());
    for (const { otherwise } of this.waiting) otherwise();
    if (this.untyped.length > 0) this.complete = false;
    this.report();
    return this.complete;
  }

  /** Says that `terms` are the fields that are declared, of `what`. */
  match(
    terms: readonly DraftTerm[],
    { fields, span: declared }: DeclaredShape,
    what: string,
    span: Span,
  ): void {
    if (terms.length !== fields.length) {
      const message = `${what} has ${count(fields.length)}, not ${terms.length}`;
      const related = [{ span: declared, text: "declared here" }];
      this.declarations.findings.error("wrong-arity", message, span, { related });
      this.complete = false;
      return;
    }
    for (const [at, { name, type }] of fields.entries()) {
      const term = terms[at];
      if (type.kind === undefined) this.usesBrokenTypes = true;
      if (term === undefined || type.kind === undefined) continue;
      this.inference.only(term, type.kind, `field "${name}" of ${what}`);
    }
  }

  /** Gives types to the records of which the rest of the rule says them; true if there was one.
   * What is inside of a record has its type from there. */
  private typed(): boolean {
    let found = false;
    for (let at = this.untyped.length - 1; at >= 0; at--) {
      const term = this.untyped[at];
      const kind = term && this.kinds.structure(term.type);
      if (term === undefined || kind === undefined) continue;
      this.untyped.splice(at, 1);
      found = true;
      this.type(term, kind);
    }
    return found;
  }

  /** Tells those who wait for a structure that is known; true if there was one. */
  private told(): boolean {
    for (const [at, { type, then }] of this.waiting.entries()) {
      const kind = this.kinds.structure(type);
      if (kind === undefined) continue;
      this.waiting.splice(at, 1);
      then(kind);
      return true;
    }
    return false;
  }

  private type(term: DraftTerm, kind: StructureKind): void {
    const { types, lattices, findings } = this.declarations;
    const structure = types.structures.structure(kind);
    if (lattices.collections.collection(kind) !== undefined) {
      const what = term.kind === "nil" ? "`nil` is" : "`[…]` is";
      const message = `${what} a record, but here is a value of type "${structureName(kind)}"`;
      const hint = "`singleton(…)` makes a set or a map";
      findings.error("type-mismatch", message, term.span, { hint });
      this.complete = false;
    }
    if (structure === undefined) return;
    const { form, name, shapes } = structure;
    if (form === "adt") {
      const what = term.kind === "nil" ? "`nil` is" : "`[…]` is";
      const message = `${what} a record, but here is a value of type "${name}", which is none`;
      this.declarations.findings.error("type-mismatch", message, term.span, {
        related: [{ span: structure.span, text: "declared with branches here" }],
        hint: "a value of it is written `$Branch(…)`",
      });
      this.complete = false;
      return;
    }
    const [shape] = shapes;
    if (term.kind === "record" && shape !== undefined)
      this.match(term.fields, shape, `record type "${name}"`, term.span);
  }

  /** Says that records of one type have fields of the same types: of `[x, 1] = [y, 2]`, that x is
   * of the type of y. True if that is new for some record. */
  private equalized(): boolean {
    let found = false;
    const firsts = new Map<ClassAt, Record>();
    for (const term of this.untyped) {
      if (term.kind !== "record") continue;
      const of = this.kinds.representative(term.type);
      const first = firsts.get(of) ?? term;
      firsts.set(of, first);
      if (first === term || this.matched.get(term) === first) continue;
      this.matched.set(term, first);
      found = true;
      this.equalize(first, term);
    }
    return found;
  }

  private equalize(first: Record, term: Record): void {
    const [length, other] = [first.fields.length, term.fields.length];
    if (length !== other) {
      const records = `a record of ${count(length)} and one of ${count(other)}`;
      const message = `${records} have no type in common`;
      const related = [{ span: first.span, text: `${count(length)} here` }];
      this.declarations.findings.error("type-mismatch", message, term.span, { related });
      this.complete = false;
    }
    for (const [at, field] of first.fields.entries()) {
      const same = term.fields[at];
      if (same === undefined) continue;
      const what = `the values of field ${at + 1}`;
      if (!this.inference.unify(field, same, what)) this.complete = false;
    }
  }

  /** Gives a type of its own to a record of which nothing says the type, once the types of its
   * fields are known; true if there was one. */
  private undeclared(): boolean {
    if (!this.complete || this.usesBrokenTypes) return false;
    for (const term of this.untyped) {
      if (term.kind !== "record") continue;
      const record = kindSet(["record"]);
      const unknown = term.fields.some(
        ({ type }) =>
          this.kinds.possible(type) === record && this.kinds.structure(type) === undefined,
      );
      if (unknown) continue;
      const kinds = term.fields.map(({ type }) => this.kinds.kind(type));
      const of = this.declarations.types.structures.undeclared(kinds, term.span);
      this.kinds.restrict(term.type, record, undefined, of);
      return true;
    }
    return false;
  }

  private report(): void {
    const { findings } = this.declarations;
    // What is wrong elsewhere in the rule, or with a type that it uses, may be why.
    if (findings.errorCount > this.errorsBefore || this.usesBrokenTypes) return;
    for (const { kind, span } of this.untyped) {
      const what = kind === "nil" ? "`nil`" : "record";
      const message = `nothing says which type this ${what} has`;
      findings.error("undetermined-type", message, span, {
        hint: `\`as(${kind === "nil" ? "nil" : "[…]"}, T)\` says that it is a T`,
      });
    }
  }
}

function count(fields: number): string {
  return `${fields === 0 ? "no" : fields} field${fields === 1 ? "" : "s"}`;
}
