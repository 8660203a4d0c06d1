import type { Level } from "../../../src/analysis/levels.ts";

/** The sign and the words of each level: nothing is said by colour alone. */
export const levelSigns: Readonly<Record<Level, { readonly sign: string; readonly text: string }>> =
  {
    M: { sign: "✓", text: "coordination-free" },
    F1: { sign: "◐", text: "coordination-free only once inputs are partitioned and sealed" },
    F2: { sign: "◑", text: "coordination-free only once inputs are placed by value and sealed" },
    coordinating: { sign: "⇄", text: "coordinates by itself" },
    ordered: { sign: "✕", text: "needs coordination" },
  };

/** The level of a relation. */
export function LevelBadge({ level }: { readonly level: Level }) {
  const { sign, text } = levelSigns[level];
  return (
    <span class={`level level-${level}`} title={`${level}: ${text}`}>
      <span aria-hidden="true">{sign}</span>
      <span class="visually-hidden">{text}</span>
    </span>
  );
}
