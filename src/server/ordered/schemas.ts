// What clients send to the ordered plane and are sent: what checks it, and what the description of
// the interface shows.
import * as z from "zod";

const epoch = z.int().min(0);

const hash = z.string().meta({ description: "The hash of all changes up to the epoch." });

/** A request to carry out a transaction. */
export const transactionBody = z
  .strictObject({
    args: z
      .union([z.array(z.any()), z.record(z.string(), z.any())])
      .meta({ description: "In the order of the parameters, or by their names." }),
  })
  .meta({ id: "TransactionRequest" });

/** A transaction that was carried out. */
export const transactionDone = z
  .object({
    id: z.string().meta({ description: "The name of the request." }),
    status: z.literal("done"),
    epoch,
    position: z.int().meta({ description: "Its place in the order of all transactions." }),
    removed: z.int().meta({ description: "How many rows it has removed." }),
    inserted: z.int().meta({ description: "How many rows it has inserted." }),
  })
  .meta({ id: "TransactionDone" });

/** A transaction of the program. */
const signature = z.object({
  name: z.string(),
  parameters: z.array(z.object({ name: z.string(), type: z.string(), kind: z.string() })),
});

/** The transactions of the program. */
export const transactions = z
  .object({ transactions: z.array(signature) })
  .meta({ id: "Transactions" });

const place = z
  .object({ replica: z.int().min(0), partition: z.int().min(0) })
  .meta({ id: "OrderedPlace" });

const progress = z.object({ epoch, hash }).meta({ id: "OrderedProgress" });

/** What a member says of how it stands. */
const member = z.object({
  name: z.string(),
  place: place.optional().meta({ description: "Absent while it has not said." }),
  connected: z.boolean(),
  member: z.boolean().meta({ description: "Whether the log names it as a member." }),
  completed: progress.optional(),
  checkpoint: epoch.optional().meta({ description: "The epoch of its last checkpoint." }),
});

/** How things stand with the ordered plane at a node. */
export const orderedStatus = z
  .object({
    name: z.string(),
    place,
    partitions: z.int(),
    replicas: z.int(),
    log: z.object({
      kind: z.enum(["file", "etcd", "http"]),
      tail: epoch.meta({ description: "The last epoch that this node has read." }),
    }),
    completed: progress.meta({ description: "The last epoch that is carried out here." }),
    pending: z.object({
      sequencer: z.int().meta({ description: "Requests of this node that are not in the log." }),
      partition: z.int().meta({ description: "Transactions that are not carried out here yet." }),
      clients: z.int().meta({ description: "Requests that wait for their answers here." }),
    }),
    checkpoint: epoch.optional(),
    horizon: epoch.meta({ description: "The oldest epoch that can still be asked about." }),
    frontier: z
      .record(z.string(), z.int())
      .meta({ description: "The free facts that are seen: how many of each origin." }),
    restarts: z.int().meta({ description: "Transactions that touched what they had not locked." }),
    members: z.array(member),
  })
  .meta({ id: "OrderedStatus" });

/** A change of the members. */
export const memberChange = z
  .union([
    z.strictObject({ add: z.string().min(1) }),
    z.strictObject({ remove: z.string().min(1) }),
  ])
  .meta({ id: "OrderedMemberChange" });

/** The members, as the log names them. */
export const memberPlaces = z
  .object({
    members: z.array(
      z.object({ name: z.string(), replica: z.int().min(0), partition: z.int().min(0) }),
    ),
  })
  .meta({ id: "OrderedMembers" });

/** A checkpoint that was made. */
export const orderedCheckpoint = z
  .object({ epoch, hash, rows: z.int(), bytes: z.int() })
  .meta({ id: "OrderedCheckpoint" });

/** The state of a partition after an epoch. */
export const orderedState = z.object({ place, epoch, hash }).meta({ id: "OrderedState" });
