// Judges histories of list appends, by the algorithm of Elle (Kingsbury and Alvaro, VLDB 2020):
// reads of lists give the order of versions, that gives dependencies of transactions, and a circle
// of these cannot be in a history that is as if its transactions were carried out one by one.
import { type Anomaly, anomalyText } from "./anomaly.ts";
import { cycles } from "./cycles.ts";
import {
  type Dependency,
  dependencyText,
  listDependencies,
  processDependencies,
  realtimeDependencies,
} from "./dependency.ts";
import { listAnomalies } from "./list-anomalies.ts";
import { type ListTransaction, listTransactionText } from "./list-history.ts";
import { listVersions } from "./list-versions.ts";

/** What a history is held to: an order of all transactions; one in which each process sees what it
 * did before; one in which each transaction sees those that were answered before it was asked
 * for. */
export type Consistency = "serializable" | "session-serializable" | "strict-serializable";

/** Returns what shows that a history is not as if its transactions were carried out one by one. */
export function checkLists(
  history: readonly ListTransaction[],
  consistency: Consistency = "strict-serializable",
): Anomaly[] {
  const versions = listVersions(history);
  const dependencies = [
    ...listDependencies(history, versions),
    ...(consistency === "serializable" ? [] : processDependencies(history)),
    ...(consistency === "strict-serializable" ? realtimeDependencies(history) : []),
  ];
  return [
    ...listAnomalies(history, versions),
    ...cycles(history.length, dependencies).map(({ kind, order, dependencies: circle }) => ({
      ...{ kind, ...(order !== undefined && { order }) },
      transactions: circle.map(({ from }) => from),
      why: circle.map((of: Dependency) => dependencyText(of)),
    })),
  ];
}

/** Returns what was found in a history as text, an empty line between two. */
export function listReport(
  history: readonly ListTransaction[],
  anomalies: readonly Anomaly[],
): string {
  const text = (at: number): string => {
    const transaction = history[at];
    return transaction === undefined ? "" : listTransactionText(transaction);
  };
  return anomalies.map((anomaly) => anomalyText(anomaly, text)).join("\n\n");
}
