// A live query of a relation in parts: the streams of all nodes that have some of it, as one.
//
// Its positions are those of all of them. Where one of them cannot be gone on from, because that
// node has begun another life, all begins anew: `start` with `reset` may come again at any time.
import { setTimeout as pause } from "node:timers/promises";

import type { LiveMessage } from "./live-relation.ts";
import type { Follower, LiveSink } from "./live.ts";
import type { AskedNodes } from "./part-calls.ts";

/** What a gathered query is made of. */
export type GatheredOptions = {
  readonly relation: number;
  readonly members: readonly string[];
  readonly nodes: AskedNodes;
  readonly sink: LiveSink;
  /** It has ended. */
  readonly onLeft: (follower: GatheredFollower) => void;
};

/** How long to wait before a node that could not be asked is asked again. */
const againMs = 200;

/** The stream of one node. */
type Branch = {
  readonly member: string;
  /** Where it can be gone on from. */
  position: string | undefined;
  /** Whether it has begun to tell what is there. */
  begun: boolean;
  /** Whether all that was there has been told. */
  current: boolean;
};

type Said = { readonly kind: LiveMessage["kind"]; readonly position?: string };

/** One who follows a relation in parts. */
export class GatheredFollower implements Follower {
  private readonly options: GatheredOptions;
  private branches: readonly Branch[] = [];
  /** Ends the streams that there are. */
  private streams = new AbortController();
  private left = false;
  private started = false;
  private current = false;
  private room: Promise<void> | undefined;
  private makeRoom: () => void = () => undefined;

  /** Begins at a position; without one, or where that cannot be, with all there is. */
  constructor(options: GatheredOptions, position: string | undefined) {
    this.options = options;
    this.begin(position === undefined ? undefined : positionsOf(position));
  }

  resume(): void {
    this.room = undefined;
    this.makeRoom();
  }

  leave(): void {
    this.left = true;
    this.options.onLeft(this);
    this.streams.abort();
    this.makeRoom();
  }

  /** Ends the connection; who follows may come back. */
  end(): void {
    if (this.left) return;
    this.leave();
    this.options.sink.end("stopped");
  }

  private begin(positions: ReadonlyMap<string, string> | undefined): void {
    this.streams.abort();
    this.streams = new AbortController();
    this.started = false;
    this.current = false;
    const { members } = this.options;
    const known = members.every((member) => positions?.has(member) === true)
      ? positions
      : undefined;
    this.branches = members.map((member) => ({
      ...{ member, position: known?.get(member), begun: false, current: false },
    }));
    for (const branch of this.branches) void this.follow(branch, this.streams.signal);
  }

  /** Takes what a node tells, over streams that are opened again where they end. */
  private async follow(branch: Branch, signal: AbortSignal): Promise<void> {
    const { nodes, relation } = this.options;
    const { member } = branch;
    while (!signal.aborted) {
      let stream: number | undefined;
      try {
        const { position: from } = branch;
        ({ stream } = await nodes.ask(member, { kind: "follow", relation, from }));
        for (let open = true; open;) {
          const { messages, end } = await nodes.ask(member, { kind: "pull", stream });
          for (const text of messages) await this.take(branch, text, signal);
          signal.throwIfAborted();
          open = end === undefined;
        }
      } catch {
        // It is asked again, below: a node that goes on is followed on.
      }
      if (stream !== undefined) nodes.ask(member, { kind: "leave", stream }).catch(() => undefined);
      await pause(againMs, undefined, { signal }).catch(() => undefined);
    }
  }

  private async take(branch: Branch, text: string, signal: AbortSignal): Promise<void> {
    while (this.room !== undefined && !signal.aborted) await this.room;
    if (signal.aborted) return;
    const message = JSON.parse(text) as Said & { readonly reset?: boolean };
    if (message.kind === "start") {
      this.start(branch, text, message.reset === true);
      return;
    }
    branch.position = message.position ?? branch.position;
    branch.current ||= message.kind === "current";
    if (message.kind !== "current") this.tell(message);
    this.sayCurrent();
  }

  /** A stream has begun: where it could not be gone on from, all of them begin anew. */
  private start(branch: Branch, text: string, reset: boolean): void {
    if (reset && (branch.begun || branch.position !== undefined)) {
      this.begin(undefined);
      return;
    }
    branch.begun = true;
    if (this.started) return;
    this.started = true;
    this.write({ kind: "start", text });
  }

  private tell(message: Said): void {
    const { kind, position: _, ...content } = message;
    const position = this.position();
    const said = { kind, ...(position !== undefined && { position }), ...content };
    this.write({ ...said, text: JSON.stringify(said) });
  }

  /** Says, once, that all there was at all nodes has been told. */
  private sayCurrent(): void {
    if (this.current || !this.branches.every(({ current }) => current)) return;
    const position = this.position();
    if (position === undefined) return;
    this.current = true;
    const said = { kind: "current", position } as const;
    this.write({ ...said, text: JSON.stringify(said) });
  }

  /** Where one can go on from: undefined while some node has not told all there was. */
  private position(): string | undefined {
    const positions = this.branches.map(({ member, position }) => [member, position] as const);
    if (positions.some(([, position]) => position === undefined)) return undefined;
    return Buffer.from(JSON.stringify(Object.fromEntries(positions))).toString("base64url");
  }

  private write(message: LiveMessage): void {
    if (this.left || this.options.sink.write(message)) return;
    this.room ??= new Promise((resolve) => (this.makeRoom = resolve));
  }
}

/** The positions at nodes that a position is made of; none where it is not. */
function positionsOf(text: string): ReadonlyMap<string, string> | undefined {
  try {
    const found: unknown = JSON.parse(Buffer.from(text, "base64url").toString());
    if (typeof found !== "object" || found === null) return undefined;
    const entries = Object.entries(found);
    return entries.every(([, of]) => typeof of === "string") ? new Map(entries) : undefined;
  } catch {
    return undefined;
  }
}
