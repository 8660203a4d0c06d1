import type { Answers } from "../../answers.ts";
import type { Calls, Project } from "../../protocol.ts";
import { type StoreAction, storeActionsOf } from "../../store-protocol.ts";
import { type StoreProgram, storeProgram } from "./program.ts";
import { StoreSimulation } from "./simulation.ts";

/** Returns what can be asked about the simulated store. What was done before is not done again
 * where what is asked for goes on from there. */
export function storeCalls(): Answers {
  let program: { readonly text: string; readonly of: StoreProgram } | undefined;
  let simulation: StoreSimulation | undefined;
  let done: readonly StoreAction[] = [];
  const current = (project: Project): StoreProgram => {
    const text = JSON.stringify(project);
    if (program?.text !== text) {
      program = { text, of: storeProgram(project) };
      simulation = undefined;
    }
    return program.of;
  };
  return {
    storePlay: ({ project, actions: given }: Parameters<Calls["storePlay"]>[0]) => {
      const actions = storeActionsOf(given);
      const store = current(project);
      const goesOn = done.every((one, at) => JSON.stringify(one) === JSON.stringify(actions[at]));
      const begun = goesOn ? simulation : undefined;
      const from = begun === undefined ? 0 : done.length;
      const playing = begun ?? new StoreSimulation(store);
      // What fails amid an action is not gone on with.
      simulation = undefined;
      for (const action of actions.slice(from)) playing.act(action);
      done = actions;
      simulation = playing;
      return playing.view();
    },
  };
}
