// Commands that say what there is, and how it is computed.
import { printRule } from "../analysis/dump.ts";
import { levelMeanings, type Monotonicity } from "../analysis/levels.ts";
import { levelFindings } from "../analysis/monotone-findings.ts";
import { monotonicity } from "../analysis/monotone.ts";
import type { Relation } from "../analysis/program.ts";
import { textOf } from "../base/source.ts";
import { assert } from "../base/assert.ts";
import { suggest } from "../base/suggest.ts";
import { dump } from "../plan/dump.ts";
import type { Plan } from "../plan/plan.ts";
import { plan } from "../plan/program.ts";
import { aligned } from "./aligned.ts";
import type { Command } from "./command.ts";
import { entriesOf } from "./entry.ts";
import type { Live } from "./live.ts";
import type { Outcome } from "./outcome.ts";
import type { Shell } from "./shell.ts";
import { Refusal } from "./world.ts";

const rels: Command = {
  name: "rels",
  usage: "[GLOB]",
  help: "lists relations: columns, how many tuples, level",
  completes: "relations",
  run: async (shell, argument): Promise<Outcome> => {
    const wanted = globPattern(argument === "" ? "*" : argument);
    const { remote } = shell;
    if (remote !== undefined) {
      const found = (await remote.sizes()).filter(({ name }) => wanted.test(name));
      const rows = found.map(({ name, columns, tuples, level }) => [
        ...[name, columnsText(columns), String(tuples), level],
      ]);
      shell.output.write(aligned([["relation", "columns", "tuples", "level"], ...rows], [2]));
      return "ok";
    }
    const live = shell.present();
    const { relations } = live.program;
    const verdict = verdictOn(live);
    const rows = shell.relations
      .filter((name) => wanted.test(name))
      .map((name) => {
        const at = placeOf(shell, live, name);
        const size = String(live.database.relations[at]?.size ?? 0);
        return [
          name,
          columnsText(relations[at]?.attributes ?? []),
          size,
          verdict.relations[at]?.level ?? "",
        ];
      });
    shell.output.write(aligned([["relation", "columns", "tuples", "level"], ...rows], [2]));
    return "ok";
  },
};

const schema: Command = {
  name: "schema",
  usage: "REL",
  help: "prints how a relation is declared",
  completes: "relations",
  run: (shell, argument) => {
    const { remote } = shell;
    if (remote !== undefined) {
      shell.printSource(`.decl ${argument}(${columnsText(remote.columns(argument))})\n`);
      return "ok";
    }
    const live = shell.present();
    const { attributes, span } = relationOf(shell, live, argument);
    const declared = shell.session.texts
      .toArray()
      .flatMap(({ parsed }) => parsed.tree.items)
      .find(
        (item) =>
          item.kind === "relation" &&
          item.span.source === span.source &&
          item.span.start <= span.start &&
          span.end <= item.span.end,
      );
    const text =
      declared === undefined
        ? `.decl ${argument}(${columnsText(attributes)})`
        : textOf(declared.span);
    shell.printSource(`${text.trim()}\n`);
    return "ok";
  },
};

const rules: Command = {
  name: "rules",
  local: true,
  usage: "[REL]",
  help: "prints the rules of a relation, or all",
  completes: "relations",
  run: (shell, argument) => {
    const live = shell.present();
    const { program } = live;
    const asked = argument === "" ? undefined : placeOf(shell, live, argument);
    const found = program.rules.filter(
      ({ head }) => asked === undefined || head.relation === asked,
    );
    for (const text of new Set(found.map((rule) => printRule(program.relations, rule))))
      shell.printSource(`${text}\n`);
    return "ok";
  },
};

const calm: Command = {
  name: "calm",
  local: true,
  usage: "[REL]",
  help: "says which relations are monotone, or what keeps one from it",
  completes: "relations",
  run: (shell, argument) => {
    const live = shell.present();
    const { program } = live;
    const verdict = verdictOn(live);
    if (argument === "") {
      const rows = shell.relations.map((name) => {
        const level = verdict.relations[placeOf(shell, live, name)]?.level ?? "ordered";
        return [name, level, levelMeanings[level]];
      });
      shell.output.write(aligned(rows));
      return "ok";
    }
    const at = placeOf(shell, live, argument);
    const level = verdict.relations[at]?.level ?? "ordered";
    shell.output.write(`${argument}: ${level}, ${levelMeanings[level]}\n`);
    const findings = levelFindings(program, { ...verdict, outputs: [at] });
    shell.report(
      findings
        .filter(({ flow }) => flow !== undefined)
        .map(({ flow = [], related = [], ...rest }) => ({
          ...rest,
          severity: "note",
          notes: [],
          related: flow.length > 1 ? flow.slice(1) : related,
        })),
    );
    return "ok";
  },
};

const planCommand: Command = {
  name: "plan",
  local: true,
  usage: "[GOAL]",
  help: "prints the loops that answer a goal, or those of all rules",
  completes: "relations",
  run: (shell, argument) => {
    const live = shell.present();
    const sizes = live.database.relations.map(({ size }) => size);
    if (argument === "") {
      const strata = [...live.plan.strata.keys()];
      shell.output.write(strata.flatMap((at) => stratumPlans(live.plan, at, sizes)).join("\n"));
      return "ok";
    }
    const goal = argument.replace(/\s*[.?]$/, "");
    const [entry] = entriesOf(`${goal} ?`, 1, [], shell.parseOptions);
    if (entry?.kind !== "goal") throw new Refusal("a goal is wanted", "`.plan path(1, X)`");
    const { program, diagnostics } = shell.understood(entry.text, "answer");
    shell.report(diagnostics);
    if (program === undefined) return "failed";
    const planned = plan(program);
    const goalAt = program.relations.findLastIndex(({ name }) => name === "answer");
    const stratumAt = planned.strata.findIndex((computes) => computes.includes(goalAt));
    const known = program.relations.map(({ name }) => sizes[live.at(name) ?? -1] ?? -1);
    shell.output.write(dump(planned.stratum(stratumAt, known, "maintained")));
    return "ok";
  },
};

/** The plans of a stratum that has rules: what evaluates it as a whole, and, unless that is how it
 * is kept up, what adds to it. */
function stratumPlans(plan: Plan, at: number, sizes: readonly number[]): string[] {
  const whole = plan.stratum(at, sizes, "maintained");
  if (whole.once.length + whole.rounds.length === 0) return [];
  if (plan.upkeep(at).anew) return [dump(whole)];
  return [`${dump(whole)}where facts come in, ${dump(plan.maintenance(at, sizes, false))}`];
}

const rulesShownMax = 20;

const profile: Command = {
  name: "profile",
  local: true,
  usage: "",
  help: "says what rules the last change ran, and what they cost",
  run: (shell) => {
    const live = shell.present();
    const { rules: statistics } = live.evaluation;
    const rows = statistics
      .toSorted((a, b) => (b.ms ?? 0) - (a.ms ?? 0))
      .slice(0, rulesShownMax)
      .map(({ rule, runs, derived, ms = 0 }) => [
        ...[rule.deltaAt === undefined ? rule.text : `${rule.text} [delta ${rule.deltaAt}]`],
        ...[String(runs), String(derived), ms.toFixed(1)],
      ]);
    const head = ["rule", "runs", "derived", "ms"];
    shell.output.write(rows.length === 0 ? "no rule ran\n" : aligned([head, ...rows], [1, 2, 3]));
    return "ok";
  },
};

/** Commands that say what there is. */
export const inspecting: readonly Command[] = [rels, schema, rules, calm, planCommand, profile];

function columnsText(columns: readonly { readonly name: string; readonly type: string }[]): string {
  return columns.map(({ name, type }) => `${name}: ${type}`).join(", ");
}

/** What the checker says of a program to which facts may come at any time: what no rule derives is
 * input, though the text states some of it. */
function verdictOn({ program, networked }: Live): Monotonicity {
  if (networked) return monotonicity(program);
  const derived = new Set(program.rules.map(({ head }) => head.relation));
  const facts = program.facts.filter(({ relation }) => derived.has(relation));
  return monotonicity({ ...program, facts });
}

function relationOf(shell: Shell, live: Live, name: string): Relation {
  const relation = live.program.relations[placeOf(shell, live, name)];
  assert(relation !== undefined, `relation ${name} is in its place`);
  return relation;
}

/** Returns the place of a relation; refuses a name that there is not. */
export function placeOf(shell: Shell, live: Live, name: string): number {
  if (name === "") throw new Refusal("a relation is wanted", "`.rels` lists them");
  const at = live.at(name);
  if (at !== undefined) return at;
  const near = suggest(name, shell.relations);
  const hint = near === undefined ? "`.rels` lists what there is" : `did you mean ${near}?`;
  throw new Refusal(`there is no relation "${name}"`, hint);
}

function globPattern(glob: string): RegExp {
  const parts = glob.split("*").map((part) => part.replace(/[.+^${}()|[\]\\?]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`);
}
