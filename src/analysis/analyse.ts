// The stage from SyntaxTree to Program: components written out, names, types, clauses taken apart,
// inlining, groundness, strata.
import { type Diagnostic, sorted } from "../base/diagnostic.ts";
import type { ItemNode, SyntaxTree } from "../syntax/tree.ts";
import type { Domain } from "../value/schema.ts";
import { addClause, expectation } from "./clauses.ts";
import { contract } from "./contracts.ts";
import { expandComponents } from "./components.ts";
import { Declarations, nameOf } from "./declarations.ts";
import { attributeOf, type DeclaredRelation } from "./declared-relation.ts";
import { Findings } from "./findings.ts";
import { checkHeads } from "./heads.ts";
import { inlineRelations } from "./inline.ts";
import { latticeDeclarations } from "./lattice-declarations.ts";
import { orders } from "./orders.ts";
import type { DeclaredLattice } from "./declared-lattice.ts";
import type { Contract, Expectation, Fact, Lattice } from "./program.ts";
import type { Program, Relation, Rule, Stratum } from "./program.ts";
import { historyRules } from "./relation-kinds.ts";
import { isFalse, withoutEqualRecords } from "./equal-records.ts";
import { withMeets } from "./meets.ts";
import { checkNamespaces, checkQualifiers } from "./qualifiers.ts";
import { checkSafety } from "./safety.ts";
import { saturated } from "./saturation.ts";
import { addSeal } from "./seals.ts";
import { strata } from "./strata.ts";
import { addSubsumption, checkConditions } from "./subsumptions.ts";
import {
  changedBy,
  finishedTransaction,
  type StatedTransaction,
  statedTransaction,
} from "./transactions.ts";
import { checkTransactionReads } from "./transaction-reads.ts";
import { knownPragma, warnOfEmptyRelations } from "./warnings.ts";
import { groundWitnesses } from "./witnesses.ts";
import type { WorkRule } from "./work-rule.ts";

/** How a tree is to be understood. */
export type AnalyseOptions = {
  /** The width of numbers; 64 unless given. */
  readonly domain?: Domain;
  /** Relations that are not inlined though they are declared so; `*` is all of them. In place of
   * what the pragma "inline-exclude" says. */
  readonly inlineExclude?: readonly string[];
};

/** A program, unless there are errors, and all that was found, in the order of reading. */
export type Analysis = {
  readonly program: Program | undefined;
  readonly diagnostics: readonly Diagnostic[];
};

/** Returns what `tree` means, and everything that is wrong with it; never throws. */
export function analyse(tree: SyntaxTree, options: AnalyseOptions = {}): Analysis {
  const { domain = 64 } = options;
  const findings = new Findings();
  const expansion = expandComponents(tree.items, findings);
  const { items } = expansion;
  checkQualifiers(items, findings);
  checkNamespaces(items, findings);
  const declarations = new Declarations(expansion, domain, findings, inlineExclude(items, options));
  const { relations, directives } = declarations;

  const facts: Fact[] = [];
  const stated: WorkRule[] = [];
  const contracts: Contract[] = [];
  const expectations: Expectation[] = [];
  const pragmas: Program["pragmas"][number][] = [];
  for (const item of items) {
    if (item.kind === "clause") addClause(item, declarations, facts, stated);
    if (item.kind === "subsumption") addSubsumption(item, declarations, stated);
    if (item.kind === "seal") addSeal(item, declarations, facts, stated);
    if (item.kind === "contract") {
      const claimed = contract(item, declarations);
      if (claimed !== undefined) contracts.push(claimed);
    }
    if (item.kind === "expectation") {
      const expected = expectation(item, declarations);
      if (expected !== undefined) expectations.push(expected);
    }
    if (item.kind === "pragma" && knownPragma(item, findings))
      pragmas.push({ key: item.key, value: item.value ?? "", span: item.span });
  }
  checkHeads(stated, declarations);
  stated.push(...historyRules(relations));
  // The relations of their effects come after all others, and are no part of the program.
  const relationCount = relations.length;
  const transactions = statedTransactions(items, stated, declarations);
  const declared = relations.slice(0, relationCount);
  const defined = definedRelations(items, declarations);
  for (const transaction of transactions) for (const at of changedBy(transaction)) defined.add(at);
  warnOfEmptyRelations(declared, defined, directives, findings);

  const { collections } = declarations.lattices;
  const structures = new Map([
    ...declarations.types.structures.finished(),
    ...collections.structures(),
  ]);
  const effects = transactions.flatMap((transaction) => transaction.rules);
  const prepared = inlineRelations([...stated, ...effects], relations, findings).flatMap((rule) => {
    const met = saturated(withMeets(rule, relations, findings), relations);
    const apart = withoutEqualRecords(met, structures);
    // Of what is inlined for `r($A(x))`, a rule for `r($B(y))` gives x no value, nor a tuple.
    if (met.expanded === true && isFalse(apart) && !isFalse(met)) return [];
    const grounded = groundWitnesses(apart, findings);
    if (grounded === undefined) return [];
    checkSafety(grounded, findings);
    return [grounded];
  });
  const rules = prepared.filter(({ head }) => head.relation < relationCount);
  const found = strata(rules, declared, findings);
  checkConditions(rules, found, relations, findings);
  const finished = finishRules(rules, found, declarations);

  const ordered = {
    relations: declared.map(finishRelation),
    rules: finished,
    strata: found,
    transactions: transactions.map((of) => finishedTransaction(of, prepared)),
  };
  checkTransactionReads(ordered, findings);

  const lattices = latticeDeclarations(items, declarations);
  const functors = declarations.functors.called();
  const diagnostics = sorted(findings.diagnostics);
  if (findings.errorCount > 0) return { program: undefined, diagnostics };
  const program = {
    domain,
    structures,
    ...ordered,
    facts,
    functors,
    lattices,
    directives,
    contracts,
    expectations,
    pragmas,
  };
  return { program, diagnostics };
}

function statedTransactions(
  items: readonly ItemNode[],
  rules: readonly WorkRule[],
  declarations: Declarations,
): StatedTransaction[] {
  const derived = new Set(rules.map(({ head }) => head.relation));
  const stated: StatedTransaction[] = [];
  for (const item of items) {
    if (item.kind !== "transaction") continue;
    const transaction = statedTransaction(item, declarations, derived);
    if (transaction !== undefined) stated.push(transaction);
  }
  return stated;
}

function inlineExclude(
  items: readonly ItemNode[],
  { inlineExclude: given }: AnalyseOptions,
): ReadonlySet<string> {
  const pragma = items.findLast((item) => item.kind === "pragma" && item.key === "inline-exclude");
  const said = pragma?.kind === "pragma" ? (pragma.value ?? "").split(",") : [];
  return new Set(given ?? said.map((name) => name.trim()));
}

function definedRelations(items: readonly ItemNode[], declarations: Declarations): Set<number> {
  const heads = items.flatMap((item) => {
    if (item.kind === "clause") return item.heads.map(({ atom }) => atom);
    return item.kind === "subsumption" ? [item.dominated] : [];
  });
  const histories = declarations.relations.filter(({ historyOf }) => historyOf !== undefined);
  return new Set([
    ...heads.flatMap(({ relation }) => declarations.find(nameOf(relation))?.at ?? []),
    ...histories.map(({ at }) => at),
  ]);
}

function finishRules(
  rules: readonly WorkRule[],
  found: readonly Stratum[],
  { relations, findings }: Declarations,
): Rule[] {
  const finished: Rule[] = [];
  for (const stratum of found) {
    for (const at of stratum.rules) {
      const rule = rules[at];
      if (rule === undefined) continue;
      const { head, body, variables, span, subsumes } = rule;
      const ordered = orders(rule, stratum, relations, findings);
      finished[at] = {
        ...{ head, body, variables, span },
        ...(ordered && { orders: ordered }),
        ...(subsumes && { subsumes }),
      };
    }
  }
  for (const [at, rule] of rules.entries()) {
    const { head, body, variables, span, when, location, removes } = rule;
    if (when === undefined) continue;
    finished[at] = {
      ...{ head, body, variables, span, when },
      ...(location && { location }),
      ...(removes && { removes }),
    };
  }
  return finished;
}

function finishLattice({ name, lub, maps }: DeclaredLattice): Lattice {
  return { name, lub: lub.term, ...(maps > 0 && { maps }) };
}

function finishRelation(declared: DeclaredRelation): Relation {
  const { name, attributes, limit, inlined, magic, equivalence, choices, place, span } = declared;
  const lattices = attributes.flatMap(({ lattice }) =>
    lattice === undefined ? [] : [finishLattice(lattice)],
  );
  return {
    name,
    attributes: attributes.map(attributeOf),
    ...(limit !== undefined && { limit }),
    inlined,
    ...(magic !== undefined && { magic }),
    ...(equivalence && { equivalence }),
    ...(choices.length > 0 && { choices }),
    ...(lattices.length > 0 && { lattices }),
    ...(place !== undefined && { place }),
    span,
  };
}
