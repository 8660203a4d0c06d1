import { reservedWords } from "../syntax/tokens.ts";
import { latticeMeanings, typeMeanings } from "./words.ts";

/** Whether nothing that is declared can have a name, as the language has it. */
export function isReservedName(name: string): boolean {
  return (
    reservedWords.has(name) ||
    Object.hasOwn(typeMeanings, name) ||
    Object.hasOwn(latticeMeanings, name)
  );
}
