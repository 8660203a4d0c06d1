/** The header that has it, in requests and answers. */
export const sessionHeader = "calm-session";

/** What a client has written and seen, carried from node to node: for lives of nodes, how many of
 * their facts, and the last epoch of the ordered plane. Reads that send it follow it. */
export class ClientSession {
  private readonly counts = new Map<string, number>();

  /** Goes on from a session's text; from nothing unless given. */
  constructor(text = "") {
    this.add(text);
  }

  /** The session as a text: what to give to whoever is to go on from here. */
  get text(): string {
    return [...this.counts].map(([origin, count]) => `${origin}:${count}`).join(",");
  }

  /** Takes in what an answer of a node says. */
  add(text: string): void {
    for (const part of text.split(",")) {
      const [, origin, digits] = /^\s*(\S+):(\d+)\s*$/.exec(part) ?? [];
      if (origin === undefined) continue;
      this.counts.set(origin, Math.max(this.counts.get(origin) ?? 0, Number(digits)));
    }
  }
}
