// From the code of a finding to the page that explains it: `calm check --explain CODE`.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { suggest } from "../base/suggest.ts";
import { CommandError, exitCodes } from "./exit.ts";
import { meanings } from "./meanings.ts";

/** Returns the page of a code, in Markdown: `docs/errors/CODE.md`. Another word than a code is a
 * usage error. */
export function pageOf(code: string): string {
  if (!Object.hasOwn(meanings, code))
    throw new CommandError(exitCodes.usage, `there is no code "${code}"`, hintFor(code));
  return readFileSync(pagePath(code), "utf8");
}

/** Returns the file that explains a code. */
export function pagePath(code: string): string {
  // As far from here as from the bundle.
  return join(import.meta.dirname, "../../docs/errors", `${code}.md`);
}

function hintFor(word: string): string {
  const codes = Object.keys(meanings);
  const near = suggest(word, codes);
  if (near !== undefined) return `did you mean ${near}?`;
  const alike = codes.filter((code) => code.includes(word));
  return alike.length === 0
    ? "a finding has its code in brackets"
    : `codes that contain this are ${alike.join(", ")}`;
}
