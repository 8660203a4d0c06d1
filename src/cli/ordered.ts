// `calm ordered …`: what those who operate the ordered plane ask of it.
import type { ClientSession } from "../client/client-session.ts";
import {
  OrderedClient,
  type OrderedMember,
  type OrderedMemberPlace,
  type OrderedPlace,
  type OrderedProgress,
  type OrderedStatus,
} from "../client/ordered-client.ts";
import { NodeError } from "../client/node-error.ts";
import { aligned } from "./aligned.ts";
import { CommandError, type ExitCode, exitCodes } from "./exit.ts";
import type { Host } from "./host.ts";
import { tokenOf } from "./node-admin.ts";

/** The options of every command that asks the ordered plane. */
export type OrderedAsk = {
  /** Where it is: of several nodes with commas between them one that answers is asked. */
  readonly url?: string;
  /** The file with their secret. */
  readonly token?: string;
  readonly format: "text" | "json";
};

/** What operators ask. */
export type OrderedVerb = "status" | "checkpoint" | "members" | "promote";

/** What an operator wants of the members: that a node is one, or is none any more. */
export type MembersChange = { readonly add: string } | { readonly remove: string };

/** Asks a node of the ordered plane for something, and prints what it answers. */
export async function ordered(
  verb: OrderedVerb,
  options: OrderedAsk,
  host: Host,
  change?: MembersChange,
): Promise<ExitCode> {
  const { client, refused } = reached(options, host);
  const [shown, text] = await asked(verb, client, change).catch((error: unknown) => {
    throw refused(error);
  });
  host.stdout.write(options.format === "json" ? `${JSON.stringify(shown, undefined, 2)}\n` : text);
  return exitCodes.ok;
}

/** Returns the client of the nodes that options name, and what says that they do not do it. */
export function reached(
  options: OrderedAsk,
  host: Host,
  session?: ClientSession,
): { readonly client: OrderedClient; readonly refused: (error: unknown) => unknown } {
  const urls = (options.url ?? host.env["CALM_URL"] ?? "http://127.0.0.1:7411")
    .split(",")
    .map((url) => url.trim());
  const token = tokenOf(options, host);
  // All nodes are asked this often, with pauses between.
  const retry = { attemptsMax: 3 };
  const client = new OrderedClient(urls, {
    retry,
    ...(token !== undefined && { token }),
    ...(session !== undefined && { session }),
  });
  const refused = (error: unknown): unknown => {
    const at = urls.join(", ");
    if (error instanceof NodeError)
      return new CommandError(exitCodes.problem, `${at}: ${error.message}`, error.hint);
    if (!(error instanceof TypeError)) return error;
    const { cause } = error as { readonly cause?: NodeJS.ErrnoException };
    const reason = cause?.code ?? cause?.message ?? error.message;
    return new CommandError(exitCodes.problem, `no node answers at ${at}: ${reason}`);
  };
  return { client, refused };
}

async function asked(
  verb: OrderedVerb,
  client: OrderedClient,
  change: MembersChange | undefined,
): Promise<[object, string]> {
  if (change !== undefined) {
    const members = await client.changeMembers(change);
    return [members, placesText(members)];
  }
  if (verb === "checkpoint") {
    const made = await client.checkpoint();
    return [made, `epoch ${made.epoch}, ${made.rows} rows, ${made.bytes} bytes\n`];
  }
  if (verb === "promote") {
    const made = await client.promote();
    return [made, `leads the log in term ${made.term}, from epoch ${made.tail + 1} on\n`];
  }
  const status = await client.status();
  if (verb === "members") return [status.members, membersText(status.members)];
  return [status, `${statusText(status)}\n${membersText(status.members)}`];
}

function statusText(status: OrderedStatus): string {
  const { pending, checkpoint, partitions, replicas, log } = status;
  const facts = Object.values(status.frontier).reduce((sum, count) => sum + count, 0);
  return aligned([
    ["node", `${status.name}, ${placeText(status.place)}`],
    ["of", `${partitions} partitions, ${replicas} replicas`],
    ["log", `${log.kind}, up to epoch ${log.tail}`],
    ["carried out", progressText(status.completed)],
    [
      "pending",
      `${pending.sequencer} not in the log, ${pending.partition} not carried out, ` +
        `${pending.clients} not answered`,
    ],
    ["checkpoint", checkpoint === undefined ? "none" : `epoch ${checkpoint}`],
    ["oldest epoch", String(status.horizon)],
    ["free facts", `${facts}, of ${Object.keys(status.frontier).length} origins`],
    ["restarts", String(status.restarts)],
  ]);
}

function membersText(members: readonly OrderedMember[]): string {
  if (members.length === 0) return "no other members\n";
  return aligned([
    ["member", "place", "state", "carried out", "checkpoint"],
    ...members.map(({ name, place, connected, member, completed, checkpoint }) => [
      name,
      place === undefined ? "-" : placeText(place),
      `${connected ? "connected" : "away"}${member ? "" : ", no member"}`,
      completed === undefined ? "-" : progressText(completed),
      checkpoint === undefined ? "-" : String(checkpoint),
    ]),
  ]);
}

function placesText(members: readonly OrderedMemberPlace[]): string {
  return aligned([
    ["member", "place"],
    ...members.map(({ name, ...place }) => [name, placeText(place)]),
  ]);
}

function placeText({ replica, partition }: OrderedPlace): string {
  return `replica ${replica} partition ${partition}`;
}

function progressText({ epoch, hash }: OrderedProgress): string {
  return `epoch ${epoch}, hash ${hash}`;
}
