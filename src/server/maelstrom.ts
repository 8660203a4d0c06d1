// A node of a program as a node of Maelstrom: messages come in and go out as lines of JSON, and the
// test says who the nodes are. Maelstrom has no connections: to it, and to the node, its peers are
// always there, and what is lost goes again after a while.
import { MaelstromMember, type MaelstromOptions } from "./maelstrom-member.ts";
import { errorBody, linesOf, membersIn, type Message, messageIn } from "./maelstrom-messages.ts";
import type { StopCause } from "./node-driver.ts";

/** Runs a node until its input ends, or until it cannot go on: then returns why. Throws a
 * `LogError` where its data folder cannot be used, and a `LongLine`. */
export async function serveMaelstrom(options: MaelstromOptions): Promise<StopCause | undefined> {
  const { input, log } = options;
  let member: MaelstromMember | undefined;
  try {
    for await (const line of linesOf(input)) {
      const message = messageIn(line);
      if (message === undefined) log(`no message: ${line.slice(0, 200)}`);
      else if (message.body.type === "init") member = await init(message, member, options);
      else if (member !== undefined) member.receive(message);
      else answer(message, errorBody("temporarily-unavailable", "there was no init yet"), options);
      if (member?.driver.stopped !== undefined) break;
      await member?.unpaused();
    }
  } finally {
    await member?.close();
  }
  return member?.driver.stopped;
}

/** Says who the node is. It is said once; when it comes again, it was repeated on the way. */
async function init(
  message: Message,
  before: MaelstromMember | undefined,
  options: MaelstromOptions,
): Promise<MaelstromMember | undefined> {
  const told = membersIn(message.body);
  const other = before !== undefined && before.name !== told?.name;
  if (told === undefined || other) {
    const why = other ? "this node has another name" : "an init has a node_id among its node_ids";
    answer(message, errorBody("malformed-request", why), options);
    return before;
  }
  const member = before ?? (await MaelstromMember.start(told.name, told.members, options));
  answer(message, { type: "init_ok" }, options, told.name);
  return member;
}

function answer(
  { src, dest, body }: Message,
  said: object,
  { write }: MaelstromOptions,
  name = dest,
): void {
  if (body.msg_id === undefined) return;
  write(JSON.stringify({ src: name, dest: src, body: { ...said, in_reply_to: body.msg_id } }));
}
