/** The most digits that an integer of 64 bits has. */
const longDigitsMax = 20;
/** So many digits are read into each of two numbers. */
const backDigits = 9;

/** What an integer of 64 bits may be. A negative one has its sign in front of its digits. */
export type LongForm = "signed" | "negative" | "unsigned";

/** Reads integers of 64 bits into two halves, without an object for each. */
export class LongInteger {
  /** The halves of the last one, as signed 32-bit integers. */
  high = 0;
  low = 0;

  /** Reads the decimal digits [from, end) of `buffer`; returns whether there is nothing else, and 64
   * bits hold it. Each step is exact: the digits but the last nine are below 10^11, and are
   * multiplied in parts of 16 bits. */
  read(buffer: Uint8Array, from: number, end: number, form: LongForm): boolean {
    if (end - from > longDigitsMax) return false;
    let [front, back] = [0, 0];
    let at = from;
    for (; at < end - backDigits; at++) {
      const digit = buffer[at]! - 0x30;
      if (digit < 0 || digit > 9) return false;
      front = front * 10 + digit;
    }
    for (; at < end; at++) {
      const digit = buffer[at]! - 0x30;
      if (digit < 0 || digit > 9) return false;
      back = (back * 10 + digit) | 0;
    }
    const upper = Math.floor(front / 0x10000) * 1e9;
    const lower = (front % 0x10000) * 1e9 + back;
    const bottom = (upper % 0x10000) * 0x10000 + lower;
    return this.keep(Math.floor(upper / 0x10000) + Math.floor(bottom / 2 ** 32), bottom | 0, form);
  }

  /** Keeps the integer `high` * 2^32 + `low`, negated where it is to be. */
  private keep(high: number, low: number, form: LongForm): boolean {
    const least = form === "negative" && high === 2 ** 31 && low === 0;
    if (high >= (form === "unsigned" ? 2 ** 32 : 2 ** 31) && !least) return false;
    this.low = low;
    this.high = high | 0;
    if (form !== "negative") return true;
    this.low = -low | 0;
    this.high = low === 0 ? -high | 0 : ~high;
    return true;
  }
}
