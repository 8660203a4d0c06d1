// What stands behind flags, read or refused.
import { InvalidArgumentError } from "commander";

/** Returns a number from 0 on. */
export function natural(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It is to be a number from 0 on.");
}

/** Returns a whole number from 1 on. */
export function positive(text: string): number {
  const value = natural(text);
  if (value > 0) return value;
  throw new InvalidArgumentError("It is to be a number from 1 on.");
}

/** Returns a number of a port; 0 stands for any that is free. */
export function port(text: string): number {
  const value = natural(text);
  if (value < 65_536) return value;
  throw new InvalidArgumentError("It is to be a number from 0 to 65535.");
}
