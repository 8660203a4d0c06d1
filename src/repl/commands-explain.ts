// Commands that say why something holds, or does not.
import { absenceText } from "../provenance/absence-text.ts";
import { DerivationFault } from "../provenance/completed.ts";
import type { Explainer } from "../provenance/explainer.ts";
import { type Outline, outlineOf } from "../provenance/outline.ts";
import type { Paint } from "../provenance/outline-text.ts";
import { outlineOfNodes } from "../provenance/proof-json.ts";
import { tuplesOf, wholeTuple } from "../server/explained-goal.ts";
import { type Goal, readGoal } from "../server/goal.ts";
import type { Command } from "./command.ts";
import { ProofView, provenDepth, shownDepth } from "./proof-view.ts";
import type { Outcome } from "./outcome.ts";
import type { Shell } from "./shell.ts";
import { itemsOf, understoodItems } from "./understood.ts";
import { Refusal } from "./world.ts";

const explain: Command = {
  name: "explain",
  usage: "GOAL [depth N]",
  help: "proves tuples that fit a goal; lines with [+N] can be expanded",
  completes: "relations",
  run: async (shell, argument): Promise<Outcome> => {
    const { goal, depth = shownDepth } = asked(argument);
    const { remote } = shell;
    const prove = async (text: string, most: number): Promise<readonly Outline[]> => {
      if (remote === undefined) return proofs(shell, text, most);
      const { proofs: found } = await remote.why(text, most, false);
      return found.map(({ nodes, root }) => outlineOfNodes(nodes, root));
    };
    const found = await prove(goal, Math.max(depth, provenDepth));
    if (found.length === 0)
      throw new Refusal(`no tuple fits ${goal}`, "`.whynot` says why, of one tuple");
    shell.proof = new ProofView(found, depth, prove);
    shell.output.write(shell.proof.text(paintOf(shell)));
    return "ok";
  },
};

const expand: Command = {
  name: "expand",
  usage: "N [depth M]",
  help: "shows more of the last proof: what the line of number N rests on",
  run: async (shell, argument): Promise<Outcome> => {
    const { goal, depth = 1 } = asked(argument);
    const view = viewOf(shell);
    await view.expand(numberOf(view, goal), depth);
    shell.output.write(view.text(paintOf(shell)));
    return "ok";
  },
};

const collapse: Command = {
  name: "collapse",
  usage: "N",
  help: "shows less of the last proof: not what the line of number N rests on",
  run: (shell, argument) => {
    const view = viewOf(shell);
    view.collapse(numberOf(view, argument));
    shell.output.write(view.text(paintOf(shell)));
    return "ok";
  },
};

const absenceDepth = 3;

const whynot: Command = {
  name: "whynot",
  usage: "FACT [depth N]",
  help: "says how each rule fails to derive a tuple, and why what it lacks is absent in turn",
  completes: "relations",
  run: async (shell, argument): Promise<Outcome> => {
    const { goal: text, depth = absenceDepth } = asked(argument);
    const { remote } = shell;
    if (remote !== undefined) {
      const { holds, absence } = await remote.why(text, depth, true);
      if (holds) throw new Refusal(`${text} holds`, "`.explain` says why");
      if (absence === undefined) throw openGoal();
      shell.output.write(absence.shown);
      return "ok";
    }
    const explainer = explainerOf(shell);
    const goal = goalOf(text, explainer);
    const tuple = wholeTuple(goal);
    if (tuplesOf(goal, explainer).length > 0)
      throw new Refusal(`${text} holds`, "`.explain` says why");
    if (tuple === undefined) throw openGoal();
    const absence = explainer.absence(tuple, { depth });
    if (absence !== undefined)
      shell.output.write(absenceText(absence, explainer.program, paintOf(shell)));
    return "ok";
  },
};

function openGoal(): Refusal {
  return new Refusal(
    "no tuple fits the goal; `.whynot` explains one tuple",
    "give a constant for each column, such as path(4, 1)",
  );
}

/** Commands that say why something holds, or does not. */
export const explaining: readonly Command[] = [explain, expand, collapse, whynot];

/** What is asked, and how deep. */
function asked(argument: string): { readonly goal: string; readonly depth?: number } {
  const [, goal = "", depth] = /^([^]*?)(?:\s+depth\s+(\d{1,6}))?$/.exec(argument.trim()) ?? [];
  const text = goal.trim().replace(/\s*[.?]$/, "");
  return depth === undefined ? { goal: text } : { goal: text, depth: Number(depth) };
}

function proofs(shell: Shell, text: string, depth: number): readonly Outline[] {
  const explainer = explainerOf(shell);
  try {
    return tuplesOf(goalOf(text, explainer), explainer).flatMap((tuple) =>
      explainer.proofs(tuple, { depth }).map((proof) => outlineOf(proof, explainer.program)),
    );
  } catch (fault) {
    if (!(fault instanceof DerivationFault)) throw fault;
    shell.report(fault.diagnostics);
    throw new Refusal("what the goal depends on cannot be derived once more to explain it");
  }
}

function explainerOf(shell: Shell): Explainer {
  const { options } = shell.world;
  const found = shell.present().explainer(() => {
    const whole = { ...options, inlineExclude: ["*"] };
    return understoodItems(itemsOf(shell.session.texts), [], whole).program;
  });
  if (found !== undefined) return found;
  throw new Refusal("the program cannot be explained: it was not evaluated within its limits");
}

function goalOf(text: string, { program }: Explainer): Goal {
  const { domain, structures, relations } = program;
  if (text === "") throw new Refusal("a goal is wanted", "`.explain path(1, X)`");
  const goal = readGoal(text, { domain, structures, relations, accepted: new Set<number>() });
  if (!("kind" in goal)) return goal;
  throw new Refusal(
    `"${text}" is no goal: ${goal.messages.join("; ")}`,
    "a goal is an atom, such as path(1, 4) or path(1, X)",
  );
}

function viewOf({ proof }: Shell): ProofView {
  if (proof === undefined) throw new Refusal("nothing was explained yet", "`.explain path(1, X)`");
  return proof;
}

function numberOf(view: ProofView, text: string): number {
  const number = Number(/^[[+-]*(\d{1,9})\]?$/.exec(text)?.[1] ?? NaN);
  if (view.has(number)) return number;
  throw new Refusal("the number of a line is wanted", "`.expand 2` opens the line with [+2]");
}

const styles = { dim: 2, good: 32, bad: 31, strong: 1 } as const;

function paintOf({ world, output }: Shell): Paint {
  if (!world.color || output.redirected) return (_style, text) => text;
  return (style, text) => `\x1b[${styles[style]}m${text}\x1b[0m`;
}
