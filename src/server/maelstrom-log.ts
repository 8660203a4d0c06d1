// The ordered log in Maelstrom's service `lin-kv`, whose registers are linearisable: an epoch is a
// register of its own, which is created if it is absent. Of two who append one epoch one wins, and
// no epoch is left out, as who appends one has read the one before.
import * as z from "zod";
import type { Appended, OrderedLog } from "../calvin/ordered-log.ts";
import type { EpochRecord } from "../calvin/record.ts";
import { WireError } from "../runtime/bytes.ts";
import { epochBytes, readEpoch } from "../runtime/epoch-bytes.ts";
import { OrderedLogError } from "../runtime/ordered-log-error.ts";
import { type Body, errorCodeIn, errorCodes } from "./maelstrom-messages.ts";

/** The name of the service. */
export const serviceName = "lin-kv";

/** What the log needs of the node whose log it is. */
export type ServiceLogParts = {
  /** Asks the service; undefined where no reply came in time. */
  readonly ask: (body: object) => Promise<Body | undefined>;
};

const values = z.object({ type: z.literal("read_ok"), value: z.string() });

/** The log of the nodes of one test. */
export class ServiceLog implements Pick<OrderedLog, "append" | "read"> {
  private readonly parts: ServiceLogParts;

  constructor(parts: ServiceLogParts) {
    this.parts = parts;
  }

  /** Appends a record that follows the last one that was read. */
  async append(record: EpochRecord): Promise<Appended> {
    const key = keyOf(record.epoch);
    const to = base64(record);
    // No register holds null: it is created, or stays.
    const swap = { type: "cas", key, from: null, to, create_if_not_exists: true };
    const reply = await this.parts.ask(swap);
    if (reply?.type === "cas_ok") return "appended";
    if (reply === undefined || errorCodeIn(reply) !== errorCodes["precondition-failed"])
      return "unknown";
    const found = await this.valueOf(record.epoch);
    if (found === undefined) return "unknown";
    return found === to ? "appended" : "conflict";
  }

  /** The records from an epoch on. Rejects where the service does not say. */
  async read(from: number, limit: number): Promise<readonly EpochRecord[]> {
    const epochs = Array.from({ length: limit }, (_, at) => from + at);
    const found = await Promise.all(epochs.map((epoch) => this.valueOf(epoch)));
    const end = found.findIndex((value) => typeof value !== "string");
    // What was not said may be there: who reads comes back.
    return found
      .slice(0, end < 0 ? limit : end)
      .map((value, at) => recordOf(from + at, value ?? ""));
  }

  /** The value of the register of an epoch: null where there is none, undefined where nobody
   * says. */
  private async valueOf(epoch: number): Promise<string | null | undefined> {
    const reply = await this.parts.ask({ type: "read", key: keyOf(epoch) });
    if (reply === undefined) return undefined;
    if (errorCodeIn(reply) === errorCodes["key-does-not-exist"]) return null;
    return values.safeParse(reply).data?.value;
  }
}

function keyOf(epoch: number): string {
  return `calm/epochs/${epoch}`;
}

function base64(record: EpochRecord): string {
  return Buffer.from(epochBytes(record)).toString("base64");
}

function recordOf(epoch: number, value: string): EpochRecord {
  try {
    const record = readEpoch(Buffer.from(value, "base64"));
    if (record.epoch === epoch) return record;
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
  }
  throw new OrderedLogError(
    "damaged",
    `the register ${keyOf(epoch)} of ${serviceName} does not hold the record of epoch ${epoch}: ` +
      "let nobody else write there",
  );
}
