/** A line and a column, both from 1. */
export type Position = { readonly line: number; readonly column: number };

/** Returns what tells the position of an offset in a file; the lines of a file are looked for once. */
export function positionsIn(
  files: Readonly<Record<string, string>>,
): (file: string, offset: number) => Position {
  const known = new Map<string, readonly number[]>();
  return (file, offset) => {
    let starts = known.get(file);
    if (starts === undefined) known.set(file, (starts = lineStarts(files[file] ?? "")));
    let line = 0;
    for (let step = 1 << 30; step > 0; step >>= 1)
      if ((starts[line + step] ?? Infinity) <= offset) line += step;
    return { line: line + 1, column: offset - (starts[line] ?? 0) + 1 };
  };
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}
