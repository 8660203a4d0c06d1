import type { Follower, LiveSink } from "./live.ts";
import type { LiveMessage } from "./live-relation.ts";
import type { PartAnswer } from "./part-calls.ts";

/** Bytes of messages that wait to be asked for, above which no more are taken. */
const streamBytesMax = 1 << 20;

/** How long it is waited for news before the answer is that there are none. */
const newsMs = 5_000;

/** Messages to one who follows an output and asks for them, time and again. */
export class LiveStream implements LiveSink {
  /** Who follows on its behalf. */
  follower: Follower | undefined;
  private readonly idleMs: number;
  private readonly forget: () => void;
  private messages: string[] = [];
  private bytes = 0;
  private ended: "behind" | "stopped" | undefined;
  private hear: (() => void) | undefined;
  private timer: NodeJS.Timeout;

  /** Where nothing is asked for so long the stream ends. `forget` is called at the end. */
  constructor(idleMs: number, forget: () => void) {
    this.idleMs = idleMs;
    this.forget = forget;
    this.timer = this.idling();
  }

  write({ text }: LiveMessage): boolean {
    this.messages.push(text);
    this.bytes += text.length;
    this.hear?.();
    return this.bytes < streamBytesMax;
  }

  end(reason: "behind" | "stopped"): void {
    this.ended = reason;
    this.hear?.();
  }

  /** Returns the messages that there are, or come soon. */
  async pull(): Promise<PartAnswer<"pull">> {
    clearTimeout(this.timer);
    if (this.messages.length === 0 && this.ended === undefined) await this.news();
    const { messages, ended } = this;
    this.messages = [];
    this.bytes = 0;
    if (ended === undefined) {
      this.timer = this.idling();
      this.follower?.resume();
      return { messages };
    }
    this.leave();
    return { messages, end: ended };
  }

  /** Ends it. */
  leave(): void {
    clearTimeout(this.timer);
    this.ended ??= "stopped";
    this.follower?.leave();
    this.forget();
    this.hear?.();
  }

  private news(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.hear?.(), newsMs);
      this.hear = () => {
        clearTimeout(timer);
        this.hear = undefined;
        // What comes at once is answered at once.
        setImmediate(resolve);
      };
    });
  }

  private idling(): NodeJS.Timeout {
    return setTimeout(() => {
      this.leave();
    }, this.idleMs);
  }
}
