import { codes as analysisCodes } from "../analysis/codes.ts";
import { codes as engineCodes } from "../engine/codes.ts";
import { codes as ioCodes } from "../io/codes.ts";
import { codes as syntaxCodes } from "../syntax/codes.ts";
import { codes as valueCodes } from "../value/codes.ts";
import { codes as witnessCodes } from "../witness/codes.ts";
import { codes as cliCodes } from "./codes.ts";

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
