// JSON with the place of every value, for what is said of files that users write.
import type { Source, Span } from "../base/source.ts";
import { json, JsonScanner } from "../io/json-scanner.ts";
import { CommandError, exitCodes } from "./exit.ts";

/** A value of a JSON text and where it begins. */
export type LocatedValue = { readonly span: Span } & (
  | { readonly kind: "object"; readonly members: readonly LocatedMember[] }
  | { readonly kind: "array"; readonly items: readonly LocatedValue[] }
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "word"; readonly value: boolean | null }
);

/** A member of an object; `span` is the key's. */
export type LocatedMember = {
  readonly key: string;
  readonly value: LocatedValue;
  readonly span: Span;
};

const nestingMax = 100;
/** Keeps a byte order mark, as the text does. */
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Returns the value of a JSON text; text that is not JSON is a usage error. */
export function locatedJson(source: Source): LocatedValue {
  const bytes = new TextEncoder().encode(source.text);
  const scanner = new JsonScanner(bytes);
  const lines = lineBytes(bytes);
  const refuse = (): never => {
    const { line = 1, column = 1, message } = scanner.failure ?? { message: "it nests too deep" };
    const place = `${source.path}:${String(line)}:${String(column)}`;
    throw new CommandError(exitCodes.usage, `${place}: this is not JSON: ${message}`);
  };
  const here = (): number => {
    scanner.next();
    const { line, column } = scanner.place;
    const at = (lines[line - 1] ?? 0) + column - 1;
    return decoder.decode(bytes.subarray(0, at)).length;
  };
  const spanFrom = (start: number): Span => ({
    source,
    start,
    end:
      start +
      (/^(?:"(?:\\.|[^"\\])*"|[^\s,{}[\]]+|.)/.exec(source.text.slice(start))?.[0].length ?? 0),
  });
  const valueAt = (depth: number): LocatedValue => {
    if (depth > nestingMax) refuse();
    const start = here();
    const span = spanFrom(start);
    const first = scanner.next();
    if (scanner.passed(json.openBrace)) {
      const members: LocatedMember[] = [];
      if (scanner.passed(json.closeBrace)) return { kind: "object", members, span };
      do {
        const keySpan = spanFrom(here());
        if (!scanner.key()) refuse();
        const key = scanner.shortText;
        members.push({ key, span: keySpan, value: valueAt(depth + 1) });
      } while (scanner.passed(json.comma));
      if (!scanner.pass(json.closeBrace)) refuse();
      return { kind: "object", members, span };
    }
    if (scanner.passed(json.openBracket)) {
      const items: LocatedValue[] = [];
      if (scanner.passed(json.closeBracket)) return { kind: "array", items, span };
      do items.push(valueAt(depth + 1));
      while (scanner.passed(json.comma));
      if (!scanner.pass(json.closeBracket)) refuse();
      return { kind: "array", items, span };
    }
    if (first === json.quote) {
      if (!scanner.string()) refuse();
      return { kind: "string", value: scanner.shortText, span };
    }
    if (scanner.scalar() < 0) refuse();
    const value: unknown = JSON.parse(decoder.decode(bytes.subarray(scanner.from, scanner.to)));
    if (typeof value === "number") return { kind: "number", value, span };
    return { kind: "word", value: value as boolean | null, span };
  };
  const value = valueAt(0);
  if (scanner.next() >= 0) {
    scanner.fail("the end of the text is expected");
    refuse();
  }
  return value;
}

/** Where each line of a text begins, in bytes. */
function lineBytes(bytes: Uint8Array): number[] {
  const starts = [0];
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) starts.push(at + 1);
  return starts;
}
