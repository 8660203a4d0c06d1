// What evaluates: loaded when a program is run first. Each part of it knows the run it is about.
import type { Answers } from "../answers.ts";
import type { Calls } from "../protocol.ts";
import { Evaluated } from "./evaluated.ts";

/** Returns what can be asked about evaluations. */
export function evaluationCalls(): Answers {
  let run: Evaluated | undefined;
  const current = (): Evaluated => {
    if (run === undefined) throw new Error("nothing was run yet");
    return run;
  };
  return {
    run: ({ project, limits }: Parameters<Calls["run"]>[0], progress: (text: string) => void) => {
      run = new Evaluated(project, limits, progress);
      return run.result;
    },
    rows: (query: Parameters<Calls["rows"]>[0]) => current().rows(query),
    rowText: ({ relation, row }: Parameters<Calls["rowText"]>[0]) =>
      current().rowText(relation, row),
    profile: () => current().profile(),
    download: ({ relation, format }: Parameters<Calls["download"]>[0]) =>
      current().download(relation, format),
  };
}
