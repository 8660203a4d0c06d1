import { readdirSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
import { fileURLToPath } from "node:url";

import ts from "typescript";

/** One file of `src`, parsed; `path` is relative to `src`, with forward slashes. */
export type SourceText = {
  readonly path: string;
  readonly text: string;
  readonly tree: ts.SourceFile;
};

const root = fileURLToPath(new URL("../../src", import.meta.url));

/** Every TypeScript file of `src`, by path. */
export const sources: readonly SourceText[] = readdirSync(root, { recursive: true })
  .map((name) => String(name).split(sep).join("/"))
  .filter((path) => path.endsWith(".ts"))
  .toSorted()
  .map((path) => {
    const text = readFileSync(join(root, path), "utf8");
    return { path, text, tree: parse(path, text) };
  });

/** The syntax tree of a text as of a file of `src`. */
export function parse(path: string, text: string): ts.SourceFile {
  return ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
}

/** The row of the import table that a path of `src` belongs to: its folder, or the file itself. */
export function layerOf(path: string): string {
  return path.split("/")[0] ?? path;
}

/** The vertex and everything below it, in source order. */
export function* vertices(from: ts.Node): Generator<ts.Node> {
  yield from;
  const children: ts.Node[] = [];
  ts.forEachChild(from, (child) => {
    children.push(child);
  });
  for (const child of children) yield* vertices(child);
}

/** `path:line` of a vertex, for messages. */
export function place(path: string, vertex: ts.Node): string {
  const { line } = vertex.getSourceFile().getLineAndCharacterOfPosition(vertex.getStart());
  return `${path}:${line + 1}`;
}
