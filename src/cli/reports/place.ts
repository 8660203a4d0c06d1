// Places as machines want them.
import { relative, resolve, sep } from "node:path";
import { pathToFileURL } from "node:url";
import { positionAt, type Position, type Span } from "../../base/source.ts";

/** Where a span begins and ends, in lines and UTF-16 columns from 1; the end is exclusive. */
export function rangeOf({ source, start, end }: Span): {
  readonly start: Position;
  readonly end: Position;
} {
  return { start: positionAt(source, start), end: positionAt(source, Math.max(start, end)) };
}

/** `path:line:column` of the beginning of a span. */
export function placeOf(span: Span): string {
  const { line, column } = positionAt(span.source, span.start);
  return `${span.source.path}:${String(line)}:${String(column)}`;
}

/** Returns a path from `folder` with forward slashes. */
export function pathFrom(folder: string, path: string): string {
  return relative(folder, resolve(path)).split(sep).join("/");
}

/** Returns a path below `root` as a URI relative to it, another one as an absolute one. */
export function uriOf(
  path: string,
  root: string,
): { readonly uri: string; readonly relative: boolean } {
  const from = pathFrom(root, path);
  if (from === ".." || from.startsWith("../"))
    return { uri: pathToFileURL(resolve(path)).href, relative: false };
  return { uri: from.split("/").map(encodeURIComponent).join("/"), relative: true };
}
