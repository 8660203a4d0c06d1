import type { ValueKind } from "../value/schema.ts";
import type { Values } from "../value/values.ts";
import type { Word } from "../value/word.ts";

/** The words of a range, one by one: `while (range.next()) use(range.word)`. */
export type Range = { next(): boolean; readonly word: Word };

/** Returns the range `from`, `from + step`, … before `to`. Without a step it is 1, or -1 where
 * `from > to`; a step of 0 gives `from` alone, where it is not `to`. A range ends where a step
 * leaves the domain or, of floats, is too small to change the sum. */
export function range(values: Values, of: ValueKind, from: Word, to: Word, step?: Word): Range {
  const decoded = (word: Word): number => Number(values.decode(of, word));
  const start = decoded(from);
  const end = decoded(to);
  const by = step === undefined ? (start <= end ? 1 : -1) : decoded(step);
  if (of === "float") return new FloatRange(values, start, end, by);
  const sizes = Math.abs(start) + Math.abs(end) + Math.abs(by);
  if (sizes < exactMax) return new NearRange(values, start, end, by);
  const wide = (word: Word): bigint => values.decode(of, word) as bigint;
  const ascending = values.compare(of, from, to) <= 0;
  const wideBy = step === undefined ? (ascending ? 1n : -1n) : wide(step);
  return new FarRange(values, wide(from), wide(to), wideBy);
}

const exactMax = 2 ** 52;

/** Integers that doubles hold exactly. */
class NearRange implements Range {
  word: Word = 0;
  private readonly values: Values;
  private at: number;
  private readonly to: number;
  private readonly step: number;
  private done: boolean;

  constructor(values: Values, from: number, to: number, step: number) {
    this.values = values;
    this.at = from;
    this.to = to;
    this.step = step;
    this.done = from === to;
  }

  next(): boolean {
    if (this.done || (this.step > 0 && this.at >= this.to) || (this.step < 0 && this.at <= this.to))
      return false;
    this.word = this.values.ofInteger(this.at);
    this.at += this.step;
    this.done = this.step === 0;
    return true;
  }
}

/** Integers that need all their bits. */
class FarRange implements Range {
  word: Word = 0;
  private readonly values: Values;
  private at: bigint;
  private readonly to: bigint;
  private readonly step: bigint;
  private done: boolean;

  constructor(values: Values, from: bigint, to: bigint, step: bigint) {
    this.values = values;
    this.at = from;
    this.to = to;
    this.step = step;
    this.done = from === to;
  }

  next(): boolean {
    if (
      this.done ||
      (this.step > 0n && this.at >= this.to) ||
      (this.step < 0n && this.at <= this.to)
    )
      return false;
    this.word = this.values.ofBigint(this.at);
    this.at += this.step;
    this.done = this.step === 0n;
    return true;
  }
}

class FloatRange implements Range {
  word: Word = 0;
  private readonly values: Values;
  private at: number;
  private readonly to: number;
  private readonly step: number;
  private done: boolean;

  constructor(values: Values, from: number, to: number, step: number) {
    this.values = values;
    this.at = from;
    this.to = to;
    this.step = step;
    this.done = from === to;
  }

  next(): boolean {
    const { values, at, to, step } = this;
    const inside = step > 0 ? at < to : step < 0 ? at > to : at !== to;
    if (this.done || !inside) return false;
    this.word = values.ofFloat(at);
    // Rounded as the domain rounds, so that the sum is the one that a rule would compute.
    this.at = values.float(values.ofFloat(at + step));
    this.done = Object.is(this.at, at);
    return true;
  }
}
