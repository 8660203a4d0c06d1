// What a node that has joined has to hold before it answers those who follow a session: sessions
// leave out what all members were known to hold, and it was none of them.
import { join } from "node:path";

import type { Node } from "../../transducer/node.ts";
import { presentNames } from "../../transducer/membership.ts";
import { nameOf, type Origin, type VersionVector } from "../../transducer/protocol.ts";
import { otherFormat } from "../format.ts";
import { LogError } from "./durable-log.ts";
import { type Files, machineFiles, replaceFile } from "./files.ts";

const format = 1;

/** What is looked at of a node. */
type Holder = Pick<Node, "holds" | "members" | "peers" | "holders">;

/** What a node lacks of what the member held that admitted it. Where it has a file, it is on the
 * disk while there is any, so that a node that starts again amidst it goes on waiting. */
export class CaughtUp {
  private awaited: VersionVector;
  private readonly file: { readonly path: string; readonly files: Files } | undefined;

  constructor(awaited: VersionVector = new Map(), file?: { path: string; files: Files }) {
    this.awaited = awaited;
    this.file = file;
  }

  /** Returns what a folder that is held (see `openLog`) still waits for. Throws a `LogError`. */
  static async load(folder: string, files: Files = machineFiles): Promise<CaughtUp> {
    const path = join(folder, "joined.json");
    const bytes = await files.read(path);
    return new CaughtUp(bytes && parsed(bytes, path), { path, files });
  }

  /** Waits for what the member holds that has admitted the node; resolves when that is written
   * down. */
  async waitFor(holds: VersionVector): Promise<void> {
    this.awaited = holds;
    if (this.file === undefined) return;
    const { files, path } = this.file;
    const text = `${JSON.stringify({ format, holds: Object.fromEntries(holds) }, undefined, 2)}\n`;
    await replaceFile(files, path, Buffer.from(text));
  }

  /** Whether the node holds it all, but for what is lost with members who are none any more. */
  reachedBy(node: Holder): boolean {
    if (this.awaited.size === 0) return true;
    for (const [origin, count] of this.awaited) {
      const held = node.holds.get(origin) ?? 0;
      if (held < count && !isLost(origin, held, node)) return false;
    }
    this.awaited = new Map();
    // Were it not removed, the node would look at what it holds once more.
    this.file?.files.remove(this.file.path).catch(() => undefined);
    return true;
  }
}

/** Whether nobody holds more of an origin than the node, and nobody can. */
function isLost(origin: Origin, held: number, node: Holder): boolean {
  return (
    !presentNames(node.members).includes(nameOf(origin)) &&
    node.peers().every(({ ready }) => ready) &&
    node.holders(origin, held + 1) === 0
  );
}

function parsed(bytes: Uint8Array, path: string): Map<Origin, number> {
  let said: { format?: unknown; holds?: unknown };
  try {
    said = JSON.parse(new TextDecoder().decode(bytes)) as typeof said;
  } catch (error) {
    throw new LogError("damaged", `${path} is no JSON`, error);
  }
  if (said.format !== format)
    throw new LogError("unknown-format", otherFormat(path, said.format, format));
  const counts = Object.entries(Object(said.holds) as Record<string, unknown>);
  if (!counts.every(([, count]) => Number.isSafeInteger(count)))
    throw new LogError("damaged", `${path} does not say what the node waits for`);
  return new Map(counts as [Origin, number][]);
}
