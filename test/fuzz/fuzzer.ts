// The fuzzer: inputs are made from a seed, by changing inputs that are well made, and given to a
// target, which throws where it does what it may not. What fails is made as small as it gets.
import { type Random, random } from "../../src/base/random.ts";

/** What is fuzzed. */
export type FuzzTarget = {
  readonly name: string;
  /** What it promises of any input. */
  readonly promise: string;
  /** An input that is well made. */
  readonly model: (chance: Random) => Uint8Array;
  /** What inputs of this kind are made of, besides their bytes. */
  readonly words?: readonly string[];
  /** Throws where the promise is broken. */
  readonly check: (input: Uint8Array) => void | Promise<void>;
};

/** An input that a target fails on, and how. */
export type Found = { readonly seed: number; readonly input: Uint8Array; readonly error: Error };

/** Bytes an input has at most. */
const inputBytesMax = 1 << 16;
/** How often an input that fails is tried with less in it. */
const shrinksMax = 4_000;

/** Returns the input of a seed. */
export function inputOf({ model, words = [] }: FuzzTarget, seed: number): Uint8Array {
  const chance = random(seed);
  if (chance.chance(0.02))
    return Uint8Array.from({ length: chance.below(64) }, () => chance.below(256));
  const input = model(chance);
  if (chance.chance(0.02)) return input;
  return mutated(input, chance, () => model(chance), words).subarray(0, inputBytesMax);
}

/** Gives a target the input of a seed; returns what was found. */
export async function fuzzed(target: FuzzTarget, seed: number): Promise<Found | undefined> {
  const input = inputOf(target, seed);
  const error = await failureOf(target, input);
  return error && { seed, input, error };
}

/** Returns how a target fails on an input; undefined where it does not. */
export async function failureOf(target: FuzzTarget, input: Uint8Array): Promise<Error | undefined> {
  try {
    await target.check(input);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** Returns a smaller input on which the target fails in the same place. */
export async function shrunk(target: FuzzTarget, found: Found): Promise<Found> {
  const place = placeOf(found.error);
  let { input, error } = found;
  let tries = 0;
  for (let size = input.length >> 1; size >= 1 && tries < shrinksMax; size >>= 1)
    for (let at = 0; at < input.length && tries < shrinksMax; tries++) {
      const less = Buffer.concat([input.subarray(0, at), input.subarray(at + size)]);
      const again = await failureOf(target, less);
      if (again !== undefined && placeOf(again) === place) [input, error] = [less, again];
      else at += size;
    }
  return { seed: found.seed, input, error };
}

/** Where an error was thrown, and of what kind it is. */
function placeOf({ name, stack = "" }: Error): string {
  return `${name} ${stack.split("\n").find((line) => /^\s+at /.test(line)) ?? ""}`;
}

const edges = [0, 1, 2, 9, 10, 13, 32, 34, 44, 0x7f, 0x80, 0xc0, 0xfe, 0xff];

function mutated(
  input: Uint8Array,
  chance: Random,
  other: () => Uint8Array,
  words: readonly string[],
): Uint8Array {
  let bytes = Buffer.from(input);
  for (let times = chance.between(1, 4); times > 0; times--) {
    const at = chance.below(bytes.length + 1);
    const length = chance.below(chance.chance(0.8) ? 9 : bytes.length + 1);
    const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
    const rest = after.subarray(Math.min(length, after.length));
    switch (chance.below(7)) {
      case 0:
        if (at < bytes.length)
          bytes[at] = chance.chance(0.5) ? chance.pick(edges) : chance.below(256);
        break;
      case 1:
        if (at < bytes.length) bytes[at] = (bytes[at] ?? 0) ^ (1 << chance.below(8));
        break;
      case 2:
        bytes = Buffer.concat([before, rest]);
        break;
      case 3: {
        const piece = after.subarray(0, length);
        const copies = Array.from({ length: chance.chance(0.9) ? 2 : 200 }, () => piece);
        bytes = Buffer.concat([before, ...copies, rest]).subarray(0, inputBytesMax);
        break;
      }
      case 4:
        bytes = Buffer.from(before);
        break;
      case 5: {
        const from = other();
        const piece = from.subarray(chance.below(from.length + 1));
        bytes = Buffer.concat([before, piece.subarray(0, 1 + chance.below(64)), after]);
        break;
      }
      default: {
        const word = words.length > 0 ? Buffer.from(chance.pick(words), "latin1") : Buffer.of(0xff);
        bytes = Buffer.concat([before, word, chance.chance(0.5) ? after : rest]);
      }
    }
  }
  return bytes;
}
