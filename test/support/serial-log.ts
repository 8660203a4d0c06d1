// What a log means: its requests carried out one by one, by the definition of transactions, with the
// free facts of each epoch before them. Whether a request starts over is what its code probes.
import type { Program } from "../../src/analysis/program.ts";
import { checkWrites, OutsideFootprint, within } from "../../src/calvin/gathered.ts";
import type { OrderedRequest, WholeRecord } from "../../src/calvin/record.ts";
import type { Result } from "../../src/calvin/ending.ts";
import type { Row, TransactionCode } from "../../src/calvin/transaction.ts";
import { naiveOutcome } from "./naive-transaction.ts";
import { type MemoryState, outcomeText, statedState, transactionsOf } from "./transactions.ts";

/** What a log leaves. */
export type SerialRun = {
  /** The rows after each epoch, as text; at 0 those that the program states. */
  readonly rows: readonly string[];
  /** How each request ended, by its id. */
  readonly answers: ReadonlyMap<string, string>;
};

/** Carries a log out. `inserted` are the facts of each origin, in their order. */
export function serialRun(
  program: Program,
  log: readonly WholeRecord[],
  inserted: ReadonlyMap<string, readonly Row[]>,
): SerialRun {
  const codes = transactionsOf(program);
  const state = statedState(program);
  const [seen, batches, taken] = [new Set<string>(), new Set<string>(), new Map<string, number>()];
  const answers = new Map<string, string>();
  const rows = [rowsText(state)];
  for (const { frontier, batches: logged } of log) {
    for (const [origin, count] of frontier) {
      const fresh = (inserted.get(origin) ?? []).slice(taken.get(origin) ?? 0, count);
      if (count < (taken.get(origin) ?? 0)) throw new Error("a frontier went back");
      if ((inserted.get(origin) ?? []).length < count) throw new Error("a fact that is none");
      state.apply({ kind: "done", removed: [], inserted: fresh });
      taken.set(origin, count);
    }
    for (const { sequencer, number, requests } of logged) {
      if (batches.has(`${sequencer} ${number}`)) throw new Error("a batch is logged twice");
      batches.add(`${sequencer} ${number}`);
      for (const request of requests) {
        const name = `${request.id} ${request.attempt}`;
        if (seen.has(name)) continue;
        seen.add(name);
        const result = carriedOut(program, codes.get(request.transaction), request, state);
        if (result.kind === "done") state.apply(result);
        if (result.kind !== "restart") answers.set(request.id, resultText(result, program));
      }
    }
    rows.push(rowsText(state));
  }
  return { rows, answers };
}

/** Returns a result as text. */
export function resultText(result: Result, program: Program): string {
  if (result.kind === "restart" || result.kind === "failed") return result.kind;
  return outcomeText(result, program);
}

/** Returns rows as text, in an order of their own. */
export function rowsText({ rows }: Pick<MemoryState, "rows">): string {
  return [...rows.keys()].toSorted().join("\n");
}

function carriedOut(
  program: Program,
  code: TransactionCode | undefined,
  { transaction, args, footprint }: OrderedRequest,
  state: MemoryState,
): Result {
  if (code === undefined) return { kind: "failed", reason: "" };
  if (footprint !== undefined)
    try {
      const view = within(footprint, (pattern) => state.tuples(pattern));
      checkWrites(code.run(view, args), footprint);
    } catch (error) {
      if (error instanceof OutsideFootprint) return { kind: "restart" };
      throw error;
    }
  return naiveOutcome(program, transaction, args, [...state.rows.values()]);
}
