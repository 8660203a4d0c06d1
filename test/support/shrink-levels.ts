import type { LevelledProgram } from "./generate-levels.ts";

/** Returns a program that `still` holds of and of which no line and no literal can be left out. */
export function shrunkLevelled(
  program: LevelledProgram,
  still: (program: LevelledProgram) => boolean,
): LevelledProgram {
  let smallest = program;
  for (let changed = true; changed;) {
    changed = false;
    for (const text of smallerTexts(smallest.text)) {
      const smaller = { ...smallest, text };
      if (!still(smaller)) continue;
      smallest = smaller;
      changed = true;
      break;
    }
  }
  return smallest;
}

function* smallerTexts(text: string): Generator<string> {
  const lines = text.split("\n");
  for (const at of lines.keys()) yield lines.toSpliced(at, 1).join("\n");
  for (const [at, line] of lines.entries()) {
    const [head, body] = line.split(" :- ");
    if (head === undefined || body === undefined) continue;
    const literals = literalsOf(body.slice(0, -1));
    if (literals.length < 2) continue;
    for (const left of literals.keys()) {
      const rest = literals.toSpliced(left, 1).join(", ");
      yield lines.with(at, `${head} :- ${rest}.`).join("\n");
    }
  }
}

/** The literals of a body, apart at the commas that are in no parentheses. */
function literalsOf(body: string): string[] {
  const literals: string[] = [];
  let depth = 0;
  let from = 0;
  for (let at = 0; at < body.length; at++) {
    const character = body.charAt(at);
    if (/[({]/.test(character)) depth++;
    if (/[)}]/.test(character)) depth--;
    if (character !== "," || depth > 0) continue;
    literals.push(body.slice(from, at).trim());
    from = at + 1;
  }
  return [...literals, body.slice(from).trim()];
}
