import type { Label } from "../base/diagnostic.ts";
import type { Span } from "../base/source.ts";
import { kindClass, structured, type StructureKind, type ValueKind } from "../value/schema.ts";
import type { DraftTerm, DraftVariable } from "./draft.ts";
import type { Findings } from "./findings.ts";
import {
  type ClassAt,
  everyKind,
  kindInWords,
  type Kinds,
  kindSet,
  type KindSet,
  kindsInWords,
} from "./kinds.ts";

/** The inference of kinds in one rule, with words for what goes wrong. */
export class Inference {
  private readonly kinds: Kinds;
  private readonly variables: readonly DraftVariable[];
  private readonly findings: Findings;

  constructor(kinds: Kinds, variables: readonly DraftVariable[], findings: Findings) {
    this.kinds = kinds;
    this.variables = variables;
    this.findings = findings;
  }

  /** Adds a class whose kinds are known for `reason`, a sentence. */
  fresh(set: KindSet, reason: string, span: Span): ClassAt {
    return this.kinds.fresh(set, { text: reason, span });
  }

  /** Says that a term has a kind of `set` (of records, of `structure` if given), for `reason`, a
   * sentence. Reports where it cannot, and is then false. */
  restrict(term: DraftTerm, set: KindSet, reason: string, structure?: StructureKind): boolean {
    const origin = { text: reason, span: term.span };
    if (this.kinds.restrict(term.type, set, origin, structure)) return true;
    const is = this.kinds.inWords(term.type);
    const message = `${reason}, but ${this.describe(term)} is ${is}`;
    this.findings.error("type-mismatch", message, term.span, {
      label: `${is} here`,
      related: this.whyOf(term),
      ...this.conversion(term, set, structure),
    });
    return false;
  }

  /** Says that a term has this kind, as `what` has it. Reports where it cannot. */
  only(term: DraftTerm, kind: ValueKind, what: string): void {
    const structure = structured(kind) ? kind : undefined;
    this.restrict(term, kindSet([kindClass(kind)]), `${what} is ${kindInWords(kind)}`, structure);
  }

  /** Says that two terms have one kind; `what` names them together. Reports where they cannot, and
   * is then false. */
  unify(a: DraftTerm, b: DraftTerm, what: string): boolean {
    if (this.kinds.unify(a.type, b.type)) return true;
    const side = (term: DraftTerm) => `${this.describe(term)} is ${this.kinds.inWords(term.type)}`;
    const message = `${what} differ in type: ${side(a)}, ${side(b)}`;
    this.findings.error("type-mismatch", message, b.span, {
      related: [...this.whyOf(a), ...this.whyOf(b)],
      ...this.conversion(b, this.kinds.possible(a.type)),
    });
    return false;
  }

  /** Says that the operands of a functor have one kind, which is one of `set`. */
  operands(terms: readonly DraftTerm[], set: KindSet, functor: string): void {
    const reason = `an operand of \`${functor}\` is ${kindsInWords(set)}`;
    if (set !== everyKind && !terms.every((term) => this.restrict(term, set, reason))) return;
    const [first, ...rest] = terms;
    if (first === undefined) return;
    for (const term of rest) this.unify(first, term, `the operands of \`${functor}\``);
  }

  private describe(term: DraftTerm): string {
    if (term.kind === "variable") {
      const name = this.variables[term.variable]?.name ?? "";
      return name.startsWith("#") ? `\`${name.slice(1)}\`` : `variable "${name}"`;
    }
    if (term.kind === "number") return `the literal ${term.node.text}`;
    return term.kind === "string" ? "the string" : "this term";
  }

  /** A structure is not converted to anything. */
  private conversion(term: DraftTerm, set: KindSet, structure?: StructureKind): { hint?: string } {
    if (this.kinds.possible(term.type) === kindSet(["record"])) return {};
    if (isCollection(structure)) return { hint: "`singleton(…)` makes a set or a map" };
    return conversion(term, set);
  }

  private whyOf(term: DraftTerm): Label[] {
    const origin = this.kinds.origin(term.type);
    return origin === undefined || origin.span.start === term.span.start ? [] : [origin];
  }
}

/** No structure but a set or a map is of something. */
function isCollection(structure: StructureKind | undefined): boolean {
  return structure?.endsWith(">") === true;
}

/** Returns a hint how a term gets a kind of `set`. */
function conversion(term: DraftTerm, set: KindSet): { hint?: string } {
  if (term.kind === "number") {
    const { form, unsigned } = term.node;
    if (set === kindSet(["symbol"])) return { hint: "write it in double quotes" };
    if (unsigned) return { hint: "drop the `u`" };
    return form === "float" ? { hint: "write it without a point" } : {};
  }
  for (const kind of ["number", "unsigned", "float"] as const)
    if (set === kindSet([kind])) return { hint: `\`to_${kind}(…)\` converts` };
  return set === kindSet(["symbol"]) ? { hint: "`to_string(…)` converts" } : {};
}
