import type { Outline } from "./outline.ts";

/** Marks parts of a text for the eye; the identity where there are no colours. */
export type Paint = (style: "dim" | "good" | "bad" | "strong", text: string) => string;

/** What of an outline is left out, and how its lines are marked. */
export type Fold = {
  /** What is shown below a line. */
  parts(of: Outline): readonly Outline[];
  /** What is said at its end. */
  mark(of: Outline): string;
};

/** A line of a tree, and what is said beside it. */
type Line = { readonly text: string; readonly shown: string; readonly beside: string };

type Row = { readonly of: Outline; readonly first: string; readonly rest: string };

/** Beside a line that is longer than this nothing is aligned. */
const alignedMax = 60;

const unfolded: Fold = { parts: ({ parts }) => parts, mark: () => "" };

/** Returns an outline as a tree for people, with what is said of its lines at their right. What was
 * shown before is not shown again. */
export function outlineText(outline: Outline, paint: Paint, fold: Fold = unfolded): string {
  const lines: Line[] = [];
  const seen = new Set<Outline>();
  // Without recursion, as proofs are high.
  const open: Row[] = [{ of: outline, first: "", rest: "" }];
  for (let row = open.pop(); row !== undefined; row = open.pop()) {
    const { of, first, rest } = row;
    const { text, style, beside } = of;
    const again = seen.has(of) && of.parts.length > 0;
    seen.add(of);
    const mark = again ? "" : fold.mark(of);
    const said = [again ? "as above" : beside, mark].filter((one) => one !== "");
    lines.push({
      text: `${first}${text}`,
      shown: `${paint("dim", first)}${style === undefined ? text : paint(style, text)}`,
      beside: said.join("  "),
    });
    if (again) continue;
    const parts = fold.parts(of);
    for (const [at, part] of [...parts.entries()].toReversed()) {
      const last = at === parts.length - 1;
      const [own, under] = last ? ["└─ ", "   "] : ["├─ ", "│  "];
      open.push({ of: part, first: `${rest}${own}`, rest: `${rest}${under}` });
    }
  }
  const width = Math.max(...lines.map(({ text }) => (text.length > alignedMax ? 0 : text.length)));
  return lines
    .map(({ text, shown, beside }) => {
      if (beside === "") return `${shown}\n`;
      const gap = " ".repeat(Math.max(0, width - text.length) + 2);
      return `${shown}${gap}${paint("dim", beside)}\n`;
    })
    .join("");
}
