// A node of a program as a node of Maelstrom: messages come in and go out as lines of JSON, and the
// test says who the nodes are. Maelstrom has no connections: to it, and to the node, its peers are
// always there, and what is lost goes again after a while.
import type { Readable } from "node:stream";
import { errorBody, linesOf, membersIn, type Message, messageIn } from "./maelstrom-messages.ts";

/** Where the lines of a node come from and go to. */
export type MaelstromLines = {
  readonly input: Readable;
  /** Writes a line to the test. */
  readonly write: (line: string) => void;
  /** Writes a line for people. */
  readonly log: (line: string) => void;
};

/** A node that has been told who it is. */
export type MaelstromNode<Cause> = {
  readonly name: string;
  /** Takes in a message of a client, a service or a peer. */
  receive(message: Message): void;
  /** Resolves when more can be taken in. */
  unpaused(): Promise<void>;
  /** Why it does not go on. */
  readonly stopped: Cause | undefined;
  close(): Promise<void>;
};

/** Starts the node of a name, one of the members. */
export type StartMaelstromNode<Cause> = (
  name: string,
  members: readonly string[],
) => MaelstromNode<Cause> | Promise<MaelstromNode<Cause>>;

/** Runs a node until its input ends, or until it cannot go on: then returns why. Throws a
 * `LongLine`, and what starting it throws. */
export async function serveMaelstrom<Cause>(
  lines: MaelstromLines,
  start: StartMaelstromNode<Cause>,
): Promise<Cause | undefined> {
  const { input, log } = lines;
  let node: MaelstromNode<Cause> | undefined;
  try {
    for await (const line of linesOf(input)) {
      const message = messageIn(line);
      if (message === undefined) log(`no message: ${line.slice(0, 200)}`);
      else if (message.body.type === "init") node = await init(message, node, lines, start);
      else if (node !== undefined) node.receive(message);
      else answer(message, errorBody("temporarily-unavailable", "there was no init yet"), lines);
      if (node?.stopped !== undefined) break;
      await node?.unpaused();
    }
  } finally {
    await node?.close();
  }
  return node?.stopped;
}

/** Says who the node is. It is said once; when it comes again, it was repeated on the way. */
async function init<Cause>(
  message: Message,
  before: MaelstromNode<Cause> | undefined,
  lines: MaelstromLines,
  start: StartMaelstromNode<Cause>,
): Promise<MaelstromNode<Cause> | undefined> {
  const told = membersIn(message.body);
  const other = before !== undefined && before.name !== told?.name;
  if (told === undefined || other) {
    const why = other ? "this node has another name" : "an init has a node_id among its node_ids";
    answer(message, errorBody("malformed-request", why), lines);
    return before;
  }
  const node = before ?? (await start(told.name, told.members));
  answer(message, { type: "init_ok" }, lines, told.name);
  return node;
}

function answer(
  { src, dest, body }: Message,
  said: object,
  { write }: MaelstromLines,
  name = dest,
): void {
  if (body.msg_id === undefined) return;
  write(JSON.stringify({ src: name, dest: src, body: { ...said, in_reply_to: body.msg_id } }));
}
