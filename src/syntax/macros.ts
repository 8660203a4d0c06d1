// The macros of the preprocessor: definitions, and the expansion of a use, as in C.
import { expansionUnitsMax, macroDepthMax } from "./limits.ts";

/** A `#define`. `parameters` is undefined for a macro that is used without parentheses; a last
 * parameter `__VA_ARGS__` takes the rest. */
export type Macro = {
  readonly name: string;
  readonly parameters?: readonly string[];
  readonly body: string;
};

/** What a use became, and where in the text it ends; or what is wrong with it. */
export type Use =
  | { readonly kind: "expanded"; readonly text: string; readonly end: number }
  | { readonly kind: "problem"; readonly message: string; readonly end: number };

/** Strings, comments, numbers and words: what a macro's name may be found among. */
const lexeme = /"[^"\\]*(?:\\[^][^"\\]*)*"?|\/\/[^\n]*|\/\*[^]*?(?:\*\/|$)|\d\w*|[A-Za-z_]\w*/g;

/** Reports what is wrong with a use deep inside; caught where the use began. */
class Problem extends Error {}

/** The macros that are defined at a point of the text. */
export class Macros {
  private readonly defined = new Map<string, Macro>();
  private made = 0;
  private depth = 0;

  has(name: string): boolean {
    return this.defined.has(name);
  }

  define(macro: Macro): void {
    this.defined.set(macro.name, macro);
  }

  undefine(name: string): void {
    this.defined.delete(name);
  }

  /** Returns what the macro `name`, used at `at` of `text`, becomes; undefined where it is no use:
   * no macro, or one that wants arguments and has none. */
  use(text: string, at: number, name: string): Use | undefined {
    const macro = this.defined.get(name);
    if (macro === undefined) return undefined;
    this.depth = 0;
    try {
      const result = this.replace(text, at + name.length, macro, new Set());
      return result === undefined ? undefined : { kind: "expanded", ...result };
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      const end = argumentsAt(text, at + name.length)?.end ?? at + name.length;
      return { kind: "problem", message: problem.message, end };
    }
  }

  /** Returns `text` with all its uses of macros expanded, or what is wrong with one. */
  expanded(text: string): Use {
    this.depth = 0;
    try {
      return { kind: "expanded", text: this.expand(text), end: text.length };
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      return { kind: "problem", message: problem.message, end: text.length };
    }
  }

  /** Expands all uses in `text`, but for those of the macros in `hidden`: a macro is not expanded
   * within its own expansion. */
  private expand(text: string, hidden: ReadonlySet<string> = new Set()): string {
    this.depth += 1;
    if (this.depth > macroDepthMax)
      throw new Problem(`macros expand into each other more than ${macroDepthMax} levels deep`);
    let expanded = "";
    let from = 0;
    const pattern = new RegExp(lexeme);
    for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
      const macro = this.defined.get(match[0]);
      if (macro === undefined || hidden.has(macro.name)) continue;
      const result = this.replace(text, pattern.lastIndex, macro, hidden);
      if (result === undefined) continue;
      expanded += `${text.slice(from, match.index)} ${result.text} `;
      from = result.end;
      pattern.lastIndex = from;
    }
    expanded += text.slice(from);
    this.made += expanded.length;
    if (this.made > expansionUnitsMax)
      throw new Problem(`macros expand to more than ${expansionUnitsMax} characters`);
    this.depth -= 1;
    return expanded;
  }

  /** Replaces a use whose name ends at `end`. Where the result ends in the name of a macro that
   * wants arguments, and these follow, that one is replaced too. */
  private replace(
    text: string,
    end: number,
    macro: Macro,
    hidden: ReadonlySet<string>,
  ): { text: string; end: number } | undefined {
    let body = macro.body;
    let after = end;
    if (macro.parameters !== undefined) {
      const taken = argumentsAt(text, end);
      if (taken === undefined) return undefined;
      body = this.substituted(macro, taken.values, hidden);
      after = taken.end;
    }
    const inner = new Set([...hidden, macro.name]);
    const expanded = this.expand(body, inner);
    const last = /[A-Za-z_]\w*\s*$/.exec(expanded);
    const next = this.defined.get(last?.[0].trimEnd() ?? "");
    if (last === null || next?.parameters === undefined || inner.has(next.name))
      return { text: expanded, end: after };
    const rest = this.replace(text, after, next, hidden);
    if (rest === undefined) return { text: expanded, end: after };
    return { text: expanded.slice(0, last.index) + rest.text, end: rest.end };
  }

  /** The body with arguments in the place of parameters. */
  private substituted(
    macro: Macro,
    values: readonly string[],
    hidden: ReadonlySet<string>,
  ): string {
    const parameters = macro.parameters ?? [];
    const given = new Map(matched(macro.name, parameters, values));
    const parts =
      macro.body.match(/##|#|"[^"\\]*(?:\\[^][^"\\]*)*"?|[A-Za-z_]\w*|\d\w*|\s+|[^]/g) ?? [];
    const isPaste = (at: number, step: 1 | -1): boolean => {
      let near = at + step;
      while (parts[near]?.trim() === "") near += step;
      return parts[near] === "##";
    };
    let result = "";
    for (let at = 0; at < parts.length; at += 1) {
      const part = parts[at] ?? "";
      const raw = given.get(part);
      if (part === "##") {
        result = result.trimEnd();
        while (parts[at + 1]?.trim() === "") at += 1;
      } else if (part === "#" && given.has(parts[at + 1] ?? "")) {
        at += 1;
        result += stringized(given.get(parts[at] ?? "") ?? "");
      } else if (raw === undefined) result += part;
      else result += isPaste(at, 1) || isPaste(at, -1) ? raw : this.expand(raw, hidden);
    }
    return result;
  }
}

/** `#x`: an argument as a string. */
function stringized(argument: string): string {
  return `"${argument.replace(/\s+/g, " ").replace(/["\\]/g, "\\$&")}"`;
}

/** Parameters with their arguments. No argument at all is one empty one. */
function matched(
  name: string,
  parameters: readonly string[],
  values: readonly string[],
): [parameter: string, argument: string][] {
  const variadic = parameters.at(-1) === "__VA_ARGS__";
  const fixed = variadic ? parameters.length - 1 : parameters.length;
  const given = parameters.length === 0 && values.join("").trim() === "" ? [] : values;
  if (variadic ? given.length < fixed : given.length !== fixed) {
    const atLeast = variadic ? "at least " : "";
    const plural = fixed === 1 ? "" : "s";
    throw new Problem(
      `macro "${name}" takes ${atLeast}${fixed} argument${plural} and is given ${given.length}`,
    );
  }
  const pairs = parameters.slice(0, fixed).map((parameter, at): [string, string] => {
    return [parameter, (given[at] ?? "").trim()];
  });
  if (variadic) pairs.push(["__VA_ARGS__", given.slice(fixed).join(",").trim()]);
  return pairs;
}

/** Reads `(a, b, …)` at an offset, after white space; commas in parentheses separate nothing. */
function argumentsAt(text: string, at: number): { values: string[]; end: number } | undefined {
  const open = /\s*\(/y;
  open.lastIndex = at;
  if (!open.test(text)) return undefined;
  const values: string[] = [];
  const pattern = /"[^"\\]*(?:\\[^][^"\\]*)*"?|\/\/[^\n]*|\/\*[^]*?(?:\*\/|$)|[(),]/g;
  let from = open.lastIndex;
  let depth = 1;
  pattern.lastIndex = from;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const separator = match[0] === "," && depth === 1;
    if (match[0] === "(") depth += 1;
    else if (match[0] === ")") depth -= 1;
    if (!separator && depth > 0) continue;
    values.push(text.slice(from, match.index));
    from = pattern.lastIndex;
    if (depth === 0) return { values, end: from };
  }
  return undefined;
}
