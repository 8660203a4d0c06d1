/** Rows of a relation that were seen, each once: a bit for each row, which is cleared by what was
 * seen, so that few rows cost little wherever they lie. */
export class SeenRows {
  private bits = new Int32Array(0);
  private rows = new Int32Array(0);
  /** How many were seen. */
  count = 0;

  /** Begins anew, for so many rows of which none is seen. */
  begin(size: number): void {
    const { bits, rows } = this;
    if (this.count > bits.length) bits.fill(0);
    else for (let at = 0; at < this.count; at++) bits[rows[at]! >> 5] = 0;
    this.count = 0;
    if (bits.length * 32 < size) this.bits = new Int32Array(Math.ceil(size / 16));
  }

  /** Takes note of rows before that size; those that were seen may be among them. */
  add(rows: Int32Array): void {
    const { bits } = this;
    let { count } = this;
    if (count + rows.length > this.rows.length) {
      const longer = new Int32Array(2 * (count + rows.length));
      longer.set(this.rows.subarray(0, count));
      this.rows = longer;
    }
    const seen = this.rows;
    for (let at = 0; at < rows.length; at++) {
      const row = rows[at]!;
      const bit = 1 << (row & 31);
      if ((bits[row >> 5]! & bit) !== 0) continue;
      bits[row >> 5]! |= bit;
      seen[count++] = row;
    }
    this.count = count;
  }
}
