// Commands that connect a session with a node.
import { readFileSync } from "node:fs";
import { aligned } from "./aligned.ts";
import type { Command } from "./command.ts";
import { Remote } from "./remote.ts";
import type { Outcome } from "./outcome.ts";
import type { Shell } from "./shell.ts";
import { Refusal } from "./world.ts";

const connect: Command = {
  name: "connect",
  usage: "URL [TOKENFILE]",
  help: "asks and tells a node from now on, until `.disconnect`",
  run: async (shell, argument): Promise<Outcome> => {
    const [url = "", file] = argument.split(/\s+/);
    await connectWith(shell, url, file === undefined ? shell.world.token : tokenIn(file));
    return "ok";
  },
};

/** Connects a session with the node at a URL. */
export async function connectWith(
  shell: Shell,
  url: string,
  token: string | undefined,
): Promise<void> {
  const remote = await Remote.of(url.replace(/\/$/, ""), token);
  shell.disconnect();
  shell.remote = remote;
  shell.remark(`connected with ${remote.url}; facts and goals go there`);
}

function tokenIn(file: string): string {
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    throw new Refusal(`cannot read token "${file}"`);
  }
}

const disconnect: Command = {
  name: "disconnect",
  usage: "",
  help: "goes on with the session as it was before `.connect`",
  run: (shell) => {
    remoteOf(shell);
    shell.disconnect();
    return "ok";
  },
};

const live: Command = {
  name: "live",
  usage: "[REL]",
  help: "connected: prints what an output holds, and then each change; without REL, no more",
  completes: "relations",
  run: async (shell, argument): Promise<Outcome> => {
    const remote = remoteOf(shell);
    if (argument === "") {
      const names = remote.unfollow();
      if (names.length === 0) throw new Refusal("no output is followed", "`.live REL` does it");
      return "ok";
    }
    await remote.follow(argument, (line) => {
      shell.tell(line);
    });
    return "ok";
  },
};

const node: Command = {
  name: "node",
  usage: "",
  help: "connected: says how the node does, and its peers",
  run: async (shell): Promise<Outcome> => {
    const { name, state, program, holds, peers } = await remoteOf(shell).status();
    const facts = Object.values(holds).reduce((sum, count) => sum + count, 0);
    const rows = [
      ["node", name],
      ["state", state],
      ["program", program],
      ["facts", `${facts}, of ${Object.keys(holds).length} origins`],
      ...peers.map((peer) => ["peer", `${peer.name}, ${peer.connected ? "connected" : "away"}`]),
    ];
    shell.output.write(aligned(rows));
    return "ok";
  },
};

/** Commands that connect a session with a node. */
export const connecting: readonly Command[] = [connect, disconnect, live, node];

function remoteOf({ remote }: Shell): Remote {
  if (remote === undefined)
    throw new Refusal("the session is not connected with a node", "`.connect URL` does it");
  return remote;
}
