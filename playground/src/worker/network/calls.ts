import type { Answers } from "../../answers.ts";
import type { Calls } from "../../protocol.ts";
import { distributed } from "./program.ts";
import { Simulation } from "./simulation.ts";

/** Returns what can be asked about the simulated network: there is one at a time. */
export function networkCalls(): Answers {
  let simulation: Simulation | undefined;
  const current = (): Simulation => {
    if (simulation === undefined) throw new Error("no network was begun");
    return simulation;
  };
  return {
    networkBegin: (
      setup: Parameters<Calls["networkBegin"]>[0],
    ): ReturnType<Calls["networkBegin"]> => {
      const what = distributed(setup.project);
      if ("refused" in what) return what;
      const mode = what.modes.includes(setup.mode) ? setup.mode : (what.modes[0] ?? "free");
      simulation = new Simulation(what, { ...setup, mode });
      return simulation.view(0);
    },
    networkAct: ({ at, actions }: Parameters<Calls["networkAct"]>[0]) => {
      let view = current().view(at);
      for (const action of actions) view = current().act(view.at, action);
      return view;
    },
    networkView: (at: number) => current().view(at),
  };
}
