// From two texts to their difference, as patch(1) reads it. The algorithm is Myers's (An O(ND)
// difference algorithm and its variations, 1986), on lines.

/** How many changed lines are told apart; beyond, all between the first and the last is changed. */
const changesMax = 2000;
const contextLines = 3;

/** A line of a difference: kept, removed or added. */
type Edit = { readonly sign: " " | "-" | "+"; readonly line: string };

/** Returns the difference of two versions of a file, empty where there is none. */
export function unifiedDiff(path: string, before: string, after: string): string {
  if (before === after) return "";
  const edits = difference(linesOf(before), linesOf(after));
  const changed = edits.flatMap(({ sign }, at) => (sign === " " ? [] : [at]));
  const hunks: { from: number; to: number }[] = [];
  for (const at of changed) {
    const last = hunks.at(-1);
    if (last !== undefined && at - contextLines <= last.to) last.to = at + contextLines + 1;
    else hunks.push({ from: Math.max(0, at - contextLines), to: at + contextLines + 1 });
  }
  let oldLine = 1;
  let newLine = 1;
  let at = 0;
  let text = `--- ${path}\n+++ ${path}\n`;
  for (const { from, to } of hunks) {
    oldLine += from - at;
    newLine += from - at;
    const hunk = edits.slice(from, to);
    const oldCount = hunk.filter(({ sign }) => sign !== "+").length;
    const newCount = hunk.filter(({ sign }) => sign !== "-").length;
    text += `@@ -${range(oldLine, oldCount)} +${range(newLine, newCount)} @@\n`;
    for (const { sign, line } of hunk) {
      text += `${sign}${line}`;
      if (!line.endsWith("\n")) text += "\n\\ No newline at end of file\n";
    }
    oldLine += oldCount;
    newLine += newCount;
    at = Math.min(to, edits.length);
  }
  return text;
}

/** An empty range is named by the line before it. */
function range(line: number, count: number): string {
  return `${count === 0 ? line - 1 : line},${count}`;
}

/** The lines of a text with their ends. */
function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function difference(before: readonly string[], after: readonly string[]): Edit[] {
  let head = 0;
  while (head < before.length && head < after.length && before[head] === after[head]) head += 1;
  let tail = 0;
  const shorter = Math.min(before.length, after.length) - head;
  while (tail < shorter && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  const kept = (line: string): Edit => ({ sign: " ", line });
  return [
    ...before.slice(0, head).map(kept),
    ...changes(before.slice(head, before.length - tail), after.slice(head, after.length - tail)),
    ...before.slice(before.length - tail).map(kept),
  ];
}

/** The shortest list of edits. `reach[k]` is how far into `before` one comes on diagonal `k`. */
function changes(before: readonly string[], after: readonly string[]): Edit[] {
  const trace: Map<number, number>[] = [];
  let reach = new Map([[1, 0]]);
  for (let count = 0; count <= changesMax; count += 1) {
    trace.push(reach);
    const next = new Map<number, number>();
    for (let k = -count; k <= count; k += 2) {
      let x = steps(reach, k, count);
      while (x < before.length && x - k < after.length && before[x] === after[x - k]) x += 1;
      next.set(k, x);
      if (x >= before.length && x - k >= after.length) return path(before, after, trace);
    }
    reach = next;
  }
  return [
    ...before.map((line): Edit => ({ sign: "-", line })),
    ...after.map((line): Edit => ({ sign: "+", line })),
  ];
}

/** Where diagonal `k` is entered: from above by an added line, from the left by a removed one. */
function steps(reach: ReadonlyMap<number, number>, k: number, count: number): number {
  return added(reach, k, count) ? (reach.get(k + 1) ?? 0) : (reach.get(k - 1) ?? 0) + 1;
}

function added(reach: ReadonlyMap<number, number>, k: number, count: number): boolean {
  if (k === -count || k === count) return k === -count;
  return (reach.get(k - 1) ?? 0) < (reach.get(k + 1) ?? 0);
}

function path(
  before: readonly string[],
  after: readonly string[],
  trace: readonly ReadonlyMap<number, number>[],
): Edit[] {
  const edits: Edit[] = [];
  let x = before.length;
  let y = after.length;
  for (let count = trace.length - 1; count >= 0; count -= 1) {
    const reach = trace[count] ?? new Map<number, number>();
    const k = x - y;
    const entered = steps(reach, k, count);
    while (x > entered) {
      x -= 1;
      y -= 1;
      edits.push({ sign: " ", line: before[x] ?? "" });
    }
    if (count === 0) break;
    if (added(reach, k, count)) {
      y -= 1;
      edits.push({ sign: "+", line: after[y] ?? "" });
    } else {
      x -= 1;
      edits.push({ sign: "-", line: before[x] ?? "" });
    }
  }
  return edits.reverse();
}
