// Between offsets into texts and an editor's positions: lines from 0, and UTF-16 units in a line.
import { pathToFileURL, fileURLToPath } from "node:url";
import type { Range } from "vscode-languageserver";
import { TextDocument, type Position } from "vscode-languageserver-textdocument";
import type { Source, Span } from "../base/source.ts";

const documents = new WeakMap<Source, TextDocument>();

function documentOf(source: Source): TextDocument {
  let document = documents.get(source);
  if (document === undefined) {
    document = TextDocument.create(source.path, "calm", 0, source.text);
    documents.set(source, document);
  }
  return document;
}

/** Returns where a span is; lines end as editors count them, also with a lone carriage return. */
export function rangeOf({ source, start, end }: Span): Range {
  const document = documentOf(source);
  return { start: document.positionAt(start), end: document.positionAt(Math.max(start, end)) };
}

/** Returns the offset of a position; one past the end of its line is that end. */
export function offsetOf(source: Source, position: Position): number {
  return documentOf(source).offsetAt(position);
}

/** Returns the path that names a document in programs: of a file its own, else its address. */
export function pathOf(uri: string): string {
  return uri.startsWith("file:") ? fileURLToPath(uri) : uri;
}

/** Returns the address of what `pathOf` gave a path to. */
export function uriOf(path: string): string {
  return /^[a-z][a-z0-9+.-]+:/i.test(path) ? path : pathToFileURL(path).href;
}
