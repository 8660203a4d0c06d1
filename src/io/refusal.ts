import type { DataErrorCode } from "./data-error.ts";

/** Why a field holds no value of its column. */
export type Refusal = {
  readonly code: DataErrorCode;
  readonly message: string;
  readonly hint: string;
};

const shownMax = 40;

/** Returns a text to show in a message, quoted and cut where it is long. */
export function shown(text: string): string {
  if (text === "") return "the empty text";
  return JSON.stringify(text.length > shownMax ? `${text.slice(0, shownMax)}…` : text);
}

/** Returns bytes as characters, one each. */
export function latin(buffer: Uint8Array, start: number, end: number): string {
  let text = "";
  for (let at = start; at < end; at++) text += String.fromCharCode(buffer[at]!);
  return text;
}
