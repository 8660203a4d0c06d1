/** What the set of a relation's tuples can do, whatever its form. It knows rows by their numbers,
 * which ascend; the columns are not its own. */
export type SetKeeping = {
  /** It has to grow before there are so many rows. */
  readonly rowsMax: number;
  readonly memoryBytes: number;
  /** Puts a tuple in, which becomes the row `row`; returns false where it is in already. */
  add(tuple: Int32Array, row: number): boolean;
  has(tuple: Int32Array): boolean;
  /** Takes out the tuple of a row, which is in. */
  remove(tuple: Int32Array, row: number): void;
  /** Has its arrays lie in the heap, if there is one with room for them. */
  share(): void;
  /** Makes room. Throws a `LimitFault` and stays as it is where there is no memory. */
  grow(): void;
  /** Forgets all tuples: they are among the first `rows` of the columns. */
  clear(rows: number): void;
  /** Gives its memory back; it is not used again. */
  release(): void;
};
