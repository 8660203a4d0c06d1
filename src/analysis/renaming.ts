import type { Span } from "../base/source.ts";
import type { ValueKind } from "../value/schema.ts";
import type { Literal } from "./program.ts";
import { mapLiteral, type WorkVariable } from "./work-rule.ts";

/** The variables of a rule while analysis adds some. Those that it adds are called `#` and what
 * they stand for. */
export class Renaming {
  readonly variables: WorkVariable[];
  /** The names that are taken; made when first needed, as most rules need none. */
  private names: Set<string> | undefined;

  constructor(variables: readonly WorkVariable[]) {
    this.variables = [...variables];
  }

  /** Adds a variable. */
  fresh(name: string, kind: ValueKind, span: Span): number {
    this.names ??= new Set(this.variables.map((variable) => variable.name));
    const base = name.startsWith("#") ? name : `#${name}`;
    let unique = base;
    for (let at = 2; this.names.has(unique); at++) unique = `${base}${at}`;
    this.names.add(unique);
    return this.variables.push({ name: unique, kind, span }) - 1;
  }

  /** Returns `literal` with each variable of `renamed` replaced by one of its own. */
  literal(literal: Literal, renamed: ReadonlySet<number>): Literal {
    const replacements = new Map<number, number>();
    for (const at of renamed) {
      const variable = this.variables[at];
      if (variable === undefined) continue;
      replacements.set(at, this.fresh(variable.name, variable.kind, variable.span));
    }
    const rename = (variable: number) => replacements.get(variable) ?? variable;
    return mapLiteral(literal, (of) => ({ kind: "variable", variable: rename(of) }), rename);
  }
}
