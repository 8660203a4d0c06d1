// What every key asks: one project at a time, understood as the command line and other editors
// understand it. What is asked of it now and then is in `assistance.ts`, which is loaded later.
import { levelFindings } from "../../../src/analysis/monotone-findings.ts";
import { monotonicity } from "../../../src/analysis/monotone.ts";
import type { Monotonicity } from "../../../src/analysis/levels.ts";
import type { Program } from "../../../src/analysis/program.ts";
import { hasErrors, sorted, type Diagnostic } from "../../../src/base/diagnostic.ts";
import { channelsOf } from "../../../src/cli/channels.ts";
import { placedItems } from "../../../src/cli/items.ts";
import { meanings } from "../../../src/cli/meanings.ts";
import { suppressed } from "../../../src/cli/suppressions.ts";
import { understand, type Understanding } from "../../../src/understand.ts";
import { symbolIndex } from "../../../src/lsp/symbols.ts";
import type { Understood } from "../../../src/lsp/workspace.ts";
import { saysNetwork } from "../../../src/plan/network.ts";
import type { Calls, Checked, FactFile, Project, RelationInfo } from "../protocol.ts";
import { colors } from "./colors.ts";
import { findingOf, placeOf } from "./findings.ts";

/** The language of one project. */
export class Language {
  private project: Project = { main: "", files: {} };
  private understood: Understood | undefined;

  /** Reads a project, and says what is found in it. */
  check(project: Project): Checked {
    const startMs = performance.now();
    this.project = project;
    const source = { path: project.main, text: project.files[project.main] ?? "" };
    const understood = understand(source, { load: this.load });
    const { tree, sources, program } = understood;
    const judged = judgedBy(understood);
    const { diagnostics, verdict } = judged;
    let index: Understood["index"] | undefined;
    this.understood = {
      ...{ tree, sources, source, diagnostics },
      ...(program && { program }),
      ...(verdict && { verdict }),
      get index() {
        return (index ??= symbolIndex(tree));
      },
    };
    return {
      findings: diagnostics.map(findingOf),
      runs: judged.runs,
      network: program !== undefined && saysNetwork(program),
      transactions: program?.transactions.map(({ name }) => name) ?? [],
      relations: program && verdict ? relationsOf(program, verdict) : [],
      points: program && verdict ? pointsOf(program, verdict) : [],
      ms: performance.now() - startMs,
    };
  }

  /** What a text consists of, for its colours. */
  tokens({ name, text }: Parameters<Calls["tokens"]>[0]): ReturnType<Calls["tokens"]> {
    return colors(name, text, this.understood);
  }

  /** The project that was checked last, understood; undefined before. */
  get last(): Understood | undefined {
    return this.understood;
  }

  /** Returns the text of a file that a program includes. */
  readonly load = (path: string): string | undefined => this.project.files[path];
}

/** What is found in a program, with what comments let pass left out. */
function judgedBy({ diagnostics, program, tree }: Understanding): {
  readonly diagnostics: readonly Diagnostic[];
  readonly runs: boolean;
  readonly verdict?: Monotonicity;
} {
  const around = program === undefined ? [] : channelsOf(program).diagnostics;
  const stopping = [...diagnostics, ...around];
  const runs = program !== undefined && !hasErrors(stopping);
  const verdict = runs ? monotonicity(program) : undefined;
  const levels = runs && verdict ? levelFindings(program, verdict, {}) : [];
  const found = sorted([...stopping, ...levels]).map((diagnostic) => ({
    diagnostic,
    stops: stopping.includes(diagnostic) && diagnostic.severity === "error",
  }));
  const items = placedItems(tree);
  const comments = suppressed(found, { tree, items, complete: runs, codes: Object.keys(meanings) });
  const kept = found.filter((_, at) => comments.suppressions[at] === undefined);
  return {
    diagnostics: sorted([...kept.map(({ diagnostic }) => diagnostic), ...comments.diagnostics]),
    runs,
    ...(verdict && { verdict }),
  };
}

function relationsOf(program: Program, verdict: Monotonicity): RelationInfo[] {
  const { inputs } = channelsOf(program);
  return program.relations.flatMap(({ name, attributes, span, inlined }, at): RelationInfo[] => {
    const known = verdict.relations[at];
    if (known === undefined || inlined || name.startsWith("#")) return [];
    const { level, final, networkDependent, points } = known;
    const input = inputs.find(({ relation }) => relation === at);
    return [
      {
        ...{ name, level, final, networkDependent, points },
        attributes: attributes.map((of) => ({ name: of.name, type: of.type })),
        output: verdict.outputs.includes(at),
        snapshot: verdict.snapshots.includes(at),
        place: placeOf(span),
        ...(input && { facts: factFile(input.options) }),
      },
    ];
  });
}

function factFile({
  filename,
  form,
}: ReturnType<typeof channelsOf>["inputs"][number]["options"]): FactFile {
  const csv = form.kind === "csv" ? form : undefined;
  const { delimiter = "", rfc4180 = false, headers = false } = csv?.format ?? {};
  return {
    ...{ name: filename, delimiter, quoted: rfc4180, headers },
    // The grid has the relation's columns, and such a file others.
    kind: csv?.columns === undefined ? form.kind : "other",
    objects: form.kind === "json" && form.tuples === "object",
  };
}

function pointsOf({ relations }: Program, { points }: Monotonicity): Checked["points"] {
  const nameOf = (at: number): string => relations[at]?.name ?? "";
  return points.map(({ kind, relation, reads, span, level, message, hint }) => ({
    ...placeOf(span),
    ...{ kind, level, message, relation: nameOf(relation) },
    ...(reads !== undefined && { reads: nameOf(reads) }),
    ...(hint !== undefined && { hint }),
  }));
}
