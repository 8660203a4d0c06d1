/** The digits of the greatest integer of 64 bits. */
const longDigitsMax = 20;
/** So many digits are read into a number of 32 bits. */
const partDigits = 9;
const powers = Float64Array.from({ length: partDigits + 1 }, (_, at) => 10 ** at);

/** What an integer of 64 bits may be. A negative one has its sign in front of its digits. */
export type LongForm = "signed" | "negative" | "unsigned";

/** Reads integers of 64 bits into two halves, without an object for each. */
export class LongInteger {
  /** The halves of the last one, as signed 32-bit integers. */
  high = 0;
  low = 0;
  /** What `part` has read. */
  private value = 0;

  /** Reads [from, end) of `buffer`; returns whether it is 9 digits or more and nothing else, and 64
   * bits hold it. */
  read(buffer: Uint8Array, from: number, end: number, form: LongForm): boolean {
    const digits = end - from;
    if (digits < partDigits || digits > longDigitsMax) return false;
    const first = from + partDigits;
    const second = Math.min(first + partDigits, end);
    if (!this.part(buffer, from, first)) return false;
    const front = this.value;
    if (!this.part(buffer, first, second)) return false;
    // All that follows is exact: the front is multiplied in parts of 16 bits.
    const power = powers[second - first]!;
    const upper = (front >>> 16) * power;
    const lower = (front & 0xffff) * power + this.value;
    let high = Math.floor(upper / 0x10000);
    let bottom = (upper - high * 0x10000) * 0x10000 + lower;
    let carry = Math.floor(bottom / 2 ** 32);
    high += carry;
    bottom -= carry * 2 ** 32;
    if (second < end) {
      if (!this.part(buffer, second, end)) return false;
      bottom = bottom * powers[end - second]! + this.value;
      carry = Math.floor(bottom / 2 ** 32);
      high = high * powers[end - second]! + carry;
      bottom -= carry * 2 ** 32;
    }
    return this.keep(high, bottom, form);
  }

  /** Reads the digits [from, end), of which there are at most `partDigits`. */
  private part(buffer: Uint8Array, from: number, end: number): boolean {
    let value = 0;
    for (let at = from; at < end; at++) {
      const digit = buffer[at]! - 0x30;
      if (digit < 0 || digit > 9) return false;
      value = (value * 10 + digit) | 0;
    }
    this.value = value;
    return true;
  }

  /** Keeps the integer `high` * 2^32 + `low`, negated where it is to be. */
  private keep(high: number, low: number, form: LongForm): boolean {
    const least = form === "negative" && high === 2 ** 31 && low === 0;
    if (high >= (form === "unsigned" ? 2 ** 32 : 2 ** 31) && !least) return false;
    this.low = form === "negative" ? -low | 0 : low | 0;
    this.high = form !== "negative" ? high | 0 : low === 0 ? -high | 0 : ~high;
    return true;
  }
}
