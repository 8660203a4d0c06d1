// Dependent transactions (OLLP: Thomson and others, SIGMOD 2012, section 3.2.1): what a transaction
// touches depends on data, so it is run on some recent state to find out, and changes nothing.
import type { Value } from "../value/schema.ts";
import type { LockKeys } from "./footprint.ts";
import { textOf } from "./gathered.ts";
import type { Footprint, Outcome, Pattern, TransactionCode } from "./transaction.ts";

/** What reconnaissance needs next, or what it has found. */
export type ReconnaissanceStep =
  | { readonly kind: "ask"; readonly patterns: readonly Pattern[] }
  | { readonly kind: "known"; readonly footprint: Footprint };

/** A run of a transaction on tuples that are asked for as they turn out to be needed. */
export class Reconnaissance {
  private readonly code: TransactionCode;
  private readonly args: readonly Value[];
  private readonly keys: LockKeys;
  private readonly learned = new Map<string, readonly (readonly Value[])[]>();

  constructor(code: TransactionCode, args: readonly Value[], keys: LockKeys) {
    this.code = code;
    this.args = args;
    this.keys = keys;
  }

  /** Runs the transaction on what is known. */
  step(): ReconnaissanceStep {
    const known = this.code.footprint(this.args);
    if (known !== undefined) return { kind: "known", footprint: known };
    const probed = new Map<string, Pattern>();
    const tuples = (pattern: Pattern): readonly (readonly Value[])[] => {
      const text = textOf(pattern);
      probed.set(text, pattern);
      return this.learned.get(text) ?? [];
    };
    const outcome = this.code.run({ tuples }, this.args);
    const missing = [...probed].filter(([text]) => !this.learned.has(text));
    if (missing.length > 0) return { kind: "ask", patterns: missing.map(([, pattern]) => pattern) };
    const writes = this.written(outcome);
    return { kind: "known", footprint: { reads: [...probed.values()], writes } };
  }

  /** Takes note of the tuples that fit a pattern. */
  learn(pattern: Pattern, tuples: readonly (readonly Value[])[]): void {
    this.learned.set(textOf(pattern), tuples);
  }

  /** The keys that are changed. */
  private written(outcome: Outcome): Pattern[] {
    if (outcome.kind !== "done") return [];
    const patterns = [...outcome.removed, ...outcome.inserted].map(({ relation, values }) => {
      const columns = this.keys[relation] ?? [];
      return { relation, columns, values: columns.map((column) => values[column] ?? null) };
    });
    return [...new Map(patterns.map((pattern) => [textOf(pattern), pattern])).values()];
  }
}
