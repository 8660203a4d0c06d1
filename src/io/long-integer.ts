/** So many digits are read into a number of 32 bits. */
export const partDigits = 9;
/** The most digits after two such parts: an integer of 64 bits has 20. */
const lastDigitsMax = 2;
const powers = Float64Array.from({ length: partDigits + 1 }, (_, at) => 10 ** at);

/** What an integer of 64 bits may be. A negative one has its sign in front of its digits. */
export type LongForm = "signed" | "negative" | "unsigned";

/** Reads integers of 10 to 20 digits into two halves, without an object for each. */
export class LongInteger {
  /** The halves of the last one that was kept, as signed 32-bit integers. */
  high = 0;
  low = 0;
  // The first nine digits, those that follow, and those that are left, with their powers of ten.
  private front = 0;
  private middle = 0;
  private middlePower = 1;
  private last = 0;
  private lastPower = 1;

  /** Reads [from, end) of `buffer`; returns whether that is more than 9 digits and nothing else,
   * and 64 bits hold it. */
  read(buffer: Uint8Array, from: number, end: number, form: LongForm): boolean {
    let front = 0;
    for (let at = from; at < from + partDigits; at++) {
      const digit = buffer[at]! - 0x30;
      if (at >= end || digit < 0 || digit > 9) return false;
      front = front * 10 + digit;
    }
    return this.readRest(buffer, from + partDigits, front) === end && this.keep(form);
  }

  /** Reads the digits at `from`, which follow nine whose value is `front`; returns where they end,
   * or a digit that is too much. */
  readRest(buffer: Uint8Array, from: number, front: number): number {
    let value = 0;
    let at = from;
    let digit = buffer[at]! - 0x30;
    for (; digit >= 0 && digit <= 9 && at < from + partDigits; digit = buffer[++at]! - 0x30)
      value = (value * 10 + digit) | 0;
    this.front = front;
    this.middle = value;
    this.middlePower = powers[at - from]!;
    value = 0;
    const next = at;
    for (; digit >= 0 && digit <= 9 && at < next + lastDigitsMax; digit = buffer[++at]! - 0x30)
      value = (value * 10 + digit) | 0;
    this.last = value;
    this.lastPower = powers[at - next]!;
    return at;
  }

  /** Keeps the integer that `readRest` read, negated where it is to be; returns whether 64 bits
   * hold it. All steps are exact, as the front is multiplied in parts of 16 bits. */
  keep(form: LongForm): boolean {
    const { front, middlePower, lastPower } = this;
    const upper = (front >>> 16) * middlePower;
    const lower = (front & 0xffff) * middlePower + this.middle;
    let high = Math.floor(upper / 0x10000);
    let low = (upper - high * 0x10000) * 0x10000 + lower;
    let carry = Math.floor(low / 2 ** 32);
    high += carry;
    low = (low - carry * 2 ** 32) * lastPower + this.last;
    carry = Math.floor(low / 2 ** 32);
    high = high * lastPower + carry;
    low -= carry * 2 ** 32;
    const least = form === "negative" && high === 2 ** 31 && low === 0;
    if (high >= (form === "unsigned" ? 2 ** 32 : 2 ** 31) && !least) return false;
    this.low = form === "negative" ? -low | 0 : low | 0;
    this.high = form !== "negative" ? high | 0 : low === 0 ? -high | 0 : ~high;
    return true;
  }
}
