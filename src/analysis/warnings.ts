// What is allowed and probably not meant, under the names that Soufflé gives it.
import type { Span } from "../base/source.ts";
import type { HeadNode, PragmaNode, TermNode } from "../syntax/tree.ts";
import type { DeclaredRelation } from "./declared-relation.ts";
import type { LiteralNode } from "./disjunction.ts";
import { disjuncts } from "./disjunction.ts";
import type { Findings } from "./findings.ts";
import type { Directive } from "./program.ts";
import { visitVariables } from "./scope.ts";

/** Warns of variables that occur once in the heads and one conjunction of a clause, and of those
 * that are marked by `_` as such and occur more often; `known` ones stand elsewhere, too. */
export function warnOfSingletons(
  heads: readonly HeadNode[],
  literals: readonly LiteralNode[],
  findings: Findings,
  known: ReadonlySet<string> = new Set(),
): void {
  const seen = new Map<string, { readonly span: Span; count: number }>();
  const see = (name: string, span: Span) => {
    const known = seen.get(name);
    if (known === undefined) seen.set(name, { span, count: 1 });
    else known.count++;
  };
  const seeTerm = (term: TermNode) => {
    visitVariables(term, see, (aggregate) => {
      if (aggregate.value !== undefined) seeTerm(aggregate.value);
      for (const literal of disjuncts(aggregate.body)?.flat() ?? []) seeLiteral(literal);
    });
  };
  const seeLiteral = ({ node }: LiteralNode) => {
    if (node.kind === "boolean") return;
    const terms = node.kind === "atom" ? node.terms : [node.left, node.right];
    terms.forEach(seeTerm);
  };
  for (const { atom, location } of heads) {
    atom.terms.forEach(seeTerm);
    if (location !== undefined) seeTerm(location);
  }
  literals.forEach(seeLiteral);

  for (const [name, { span, count }] of seen) {
    if (count === 1 && !known.has(name) && !name.startsWith("_")) {
      findings.warning("var-appears-once", `variable "${name}" occurs only once`, span, {
        hint: `write \`_\` or \`_${name}\` if that is meant`,
      });
    } else if (count > 1 && name.startsWith("_")) {
      const message = `variable "${name}" is marked as occurring once, but occurs ${count} times`;
      findings.warning("var-appears-once", message, span, { hint: "drop the leading `_`" });
    }
  }
}

/** Warns of relations that can hold nothing: neither stated, nor derived, nor read. */
export function warnOfEmptyRelations(
  relations: readonly DeclaredRelation[],
  defined: ReadonlySet<number>,
  directives: readonly Directive[],
  findings: Findings,
): void {
  const read = new Set(directives.flatMap((of) => (of.word === "input" ? [of.relation] : [])));
  for (const { at, name, place, span } of relations) {
    if (defined.has(at) || read.has(at)) continue;
    if (place?.system !== undefined || place?.ordered !== undefined) continue;
    if (place?.arguments !== undefined) continue;
    // A relation of seals is made where something is sealed.
    if (place?.seals !== undefined) continue;
    const message = `relation "${name}" has neither rules nor facts`;
    const hint = `read it with \`.input ${name}\`, or state or derive something`;
    findings.warning("no-rules-nor-facts", message, span, { hint });
  }
}

/** Whether a pragma is an option of Soufflé's. Warns where it is not. */
export function knownPragma({ key, span }: PragmaNode, findings: Findings): boolean {
  if (pragmaKeys.has(key)) return true;
  findings.warning("unknown-pragma", `pragma "${key}" is not known and has no effect`, span);
  return false;
}

// The long options of Soufflé's command line, which its pragmas set.
const pragmaKeys: ReadonlySet<string> = new Set([
  ...["auto-schedule", "compile", "compile-many", "debug-report", "disable-transformers"],
  ...["dl-program", "emit-statistics", "fact-dir", "generate", "generate-many", "help"],
  ...["include-dir", "inline-exclude", "jobs", "legacy", "libraries", "library-dir"],
  ...["live-profile", "macro", "magic-transform", "magic-transform-exclude", "no-preprocessor"],
  ...["no-warn", "output-dir", "parse-errors", "pragma", "preprocessor", "profile"],
  ...["profile-frequency", "provenance", "RamSIPS", "show", "swig", "verbose", "version"],
  ...["warn", "wno"],
]);
