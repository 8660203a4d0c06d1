// Where the expectations of a program lie, from its path alone:
//   reach.dl, reach.expected/   the program on the facts of its folder
//   reach.cases/ring/           facts of a case, and expected/ with what it gives
import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** One run of a program: the folder of its facts, and that of what is expected. */
export type Place = {
  /** The name of the case; undefined of the program as it stands. */
  readonly name?: string;
  readonly factDir: string;
  readonly expected: string;
  /** The files in `expected`, in order; none where there is no such folder. */
  readonly files: readonly string[];
};

/** The runs of a program: as it stands, and its cases in the order of their names. */
export type Places = { readonly own: Place; readonly cases: readonly Place[] };

/** Returns where a program's tests are. */
export function placesOf(program: string): Places {
  const folder = dirname(program);
  const stem = join(folder, basename(program).replace(/\.dl$/, ""));
  const expected = `${stem}.expected`;
  const cases = `${stem}.cases`;
  return {
    own: { factDir: folder, expected, files: filesIn(expected) },
    cases: namesIn(cases, true).map((name) => {
      const factDir = join(cases, name);
      const of = join(factDir, "expected");
      return { name, factDir, expected: of, files: filesIn(of) };
    }),
  };
}

function filesIn(folder: string): readonly string[] {
  return namesIn(folder, false);
}

/** The folders, or the files, in `folder`; what is hidden or left behind by an editor is not
 * looked at. */
function namesIn(folder: string, folders: boolean): string[] {
  if (!existsSync(folder) || !statSync(folder).isDirectory()) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() === folders && !/^\.|~$/.test(entry.name))
    .map(({ name }) => name)
    .toSorted();
}
