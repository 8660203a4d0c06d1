// Findings for people at a terminal: a frame for each, with the way to it and a witness, then what
// is known of the relations.
import { render } from "../../base/render.ts";
import { counting, plural, type CheckReport } from "../check-report.ts";
import { explained } from "./explained.ts";
import { levelTable } from "./level-table.ts";

/** How findings are shown to people. */
export type PrettyOptions = {
  readonly color: boolean;
  readonly width: number;
  /** Every relation in the table of levels, not the outputs alone. */
  readonly verbose: boolean;
  /** Findings alone. */
  readonly quiet: boolean;
};

/** Returns frames, file by file, and the levels of each file's outputs. */
export function pretty({ files }: CheckReport, options: PrettyOptions): string {
  const { color, quiet, verbose } = options;
  const width = Math.min(options.width, 100);
  return files
    .flatMap(({ path, findings, relations = [] }) => {
      const shown = counting(findings).map(explained);
      const rows = relations.filter(({ output, snapshot }) => verbose || output || snapshot);
      // Where all is monotone the table says nothing that the summary does not.
      const wanted = verbose || rows.some(({ level, snapshot }) => level !== "M" || snapshot);
      const snapshots = relations.filter(({ snapshot }) => snapshot);
      return [
        ...(shown.length === 0 ? [] : [render(shown, { color, width })]),
        ...(quiet || !wanted || rows.length === 0 ? [] : [`${path}\n${levelTable(rows)}`]),
        ...(quiet || snapshots.length === 0
          ? []
          : [
              `${plural(snapshots.length, "snapshot")}, not final: ` +
                `${snapshots.map(({ name }) => name).join(", ")}\n`,
            ]),
      ];
    })
    .join("\n");
}
