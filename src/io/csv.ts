/** How rows are written in a CSV file. */
export type CsvFormat = {
  /** What separates columns: one or more characters. */
  readonly delimiter: string;
  /** Whether the first line holds the names of the columns. */
  readonly headers: boolean;
  /** Whether columns may be quoted, as RFC 4180 says. */
  readonly rfc4180: boolean;
};

/** The format of fact files that say nothing else. */
export const plainCsv: CsvFormat = { delimiter: "\t", headers: false, rfc4180: false };
