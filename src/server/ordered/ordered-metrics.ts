import type { Metric } from "../metrics.ts";
import { placeText } from "./place.ts";
import type { OrderedPlane } from "./plane.ts";

/** Returns what the ordered plane of a node measures of itself. */
export function orderedMetrics(plane: OrderedPlane): Metric[] {
  const { counts, replica, sequencer, submissions, parts } = plane;
  const place = { place: placeText(parts.layout.place) };
  const gauge = (name: string, help: string, value: number): Metric => ({
    ...{ name: `calm_ordered_${name}`, help, type: "gauge" },
    samples: [{ labels: place, value }],
  });
  const counter = (name: string, help: string, value: number): Metric => ({
    ...{ name: `calm_ordered_${name}_total`, help, type: "counter" },
    samples: [{ labels: place, value }],
  });
  return [
    gauge("log_epoch", "The last epoch of the log that was read.", sequencer.epoch),
    gauge("epoch", "The last epoch that is carried out.", replica.completed.epoch),
    gauge("checkpoint_epoch", "The epoch of the last checkpoint.", parts.keeper.checkpointed),
    gauge("running", "Transactions that are not carried out yet.", replica.pending),
    gauge("unlogged", "Requests of this node that are not in the log.", sequencer.pending),
    gauge("waiting", "Requests that wait for their answers.", submissions.size),
    counter("epochs", "Epochs that were carried out.", counts.epochs),
    {
      name: "calm_ordered_transactions_total",
      help: "Transactions that were answered here, by how they ended.",
      type: "counter",
      samples: (["done", "aborted", "failed", "restarts"] as const).map((result) => ({
        labels: { ...place, result: result === "restarts" ? "restart" : result },
        value: counts[result],
      })),
    },
    counter("conflicts", "Epochs that another node was faster with.", counts.conflicts),
    counter("unknown_appends", "Appends of which nobody knew what became.", counts.unknown),
    counter("remote_reads", "Reads that were sent to other partitions.", counts.remoteReads),
    counter("pulls", "Reads that other partitions were asked for again.", counts.pulls),
  ];
}
