// From the code of a finding to the page that explains it: `calm check --explain CODE`.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { codes as analysisCodes } from "../analysis/codes.ts";
import { suggest } from "../base/suggest.ts";
import { codes as engineCodes } from "../engine/codes.ts";
import { codes as ioCodes } from "../io/codes.ts";
import { codes as syntaxCodes } from "../syntax/codes.ts";
import { codes as valueCodes } from "../value/codes.ts";
import { codes as witnessCodes } from "../witness/codes.ts";
import { codes as cliCodes } from "./codes.ts";
import { CommandError, exitCodes } from "./exit.ts";

/** What each code means that a program or its data can be given, in one sentence. */
export const meanings: Readonly<Record<string, string>> = {
  ...syntaxCodes,
  ...analysisCodes,
  ...valueCodes,
  ...engineCodes,
  ...ioCodes,
  ...witnessCodes,
  ...cliCodes,
};

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
