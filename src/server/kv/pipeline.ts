import type { StoreLimits } from "./limits.ts";

/** The text of an answer, which is made when there is room for it. */
export type Answer = () => string;

/** One request of a connection. */
export type Begun = {
  /** Whether the answer has a value, which may be large. */
  readonly reads: boolean;
  /** Does it; `told` is called once. */
  readonly run: (told: (answer: Answer) => void) => void;
};

/** What answers go to. */
export type AnswerSink = {
  /** How many bytes are on their way. */
  readonly bytes: () => number;
  /** Sends texts. Who has more than the limit on their way calls `flush` once they are sent. */
  readonly write: (texts: readonly string[]) => void;
  /** More can be taken, or no more should be. */
  readonly onRoom: (room: boolean) => void;
};

/** The limits of one connection. */
export type PipelineLimits = Pick<StoreLimits, "pipelinedMax" | "readsTogetherMax"> & {
  /** Bytes on their way, above which no answer is made. */
  readonly sentBytesMax: number;
};

type Told = { readonly answer: Answer; readonly reads: boolean };

/** The requests of one connection. They are begun in the order in which they came, and answered as
 * they are done. What is read stays in memory until it is sent, so few reads are begun before the
 * answers of earlier ones are; and an answer is made when those before it are on their way. */
export class Pipeline {
  private readonly limits: PipelineLimits;
  private readonly sink: AnswerSink;
  private readonly waiting: Begun[] = [];
  private answers: Told[] = [];
  /** Requests that are not answered, and those among them that are begun and read. */
  private running = 0;
  private reading = 0;
  private open = true;

  constructor(limits: PipelineLimits, sink: AnswerSink) {
    this.limits = limits;
    this.sink = sink;
  }

  /** Takes in a request. */
  add(request: Begun): void {
    this.running++;
    if (this.waiting.length > 0 || this.waits(request)) this.waiting.push(request);
    else this.begin(request);
    this.settle();
  }

  /** Sends what is answered, as far as there is room for it. */
  flush(): void {
    const { sentBytesMax } = this.limits;
    let bytes = this.sink.bytes();
    const texts: string[] = [];
    for (const { answer, reads } of this.answers) {
      if (bytes > sentBytesMax) break;
      const text = answer();
      texts.push(text);
      bytes += text.length;
      this.running--;
      if (reads) this.reading--;
    }
    if (texts.length === 0) return;
    this.answers = this.answers.slice(texts.length);
    this.sink.write(texts);
    this.beginWaiting();
    this.settle();
    // The system may have taken all of it, and then says nothing more.
    if (this.answers.length > 0 && this.sink.bytes() <= sentBytesMax) this.flushSoon();
  }

  private beginWaiting(): void {
    let begun = 0;
    for (const request of this.waiting) {
      if (this.waits(request)) break;
      begun++;
      this.begin(request);
    }
    this.waiting.splice(0, begun);
  }

  private waits({ reads }: Begun): boolean {
    return reads && this.reading >= this.limits.readsTogetherMax;
  }

  private begin({ reads, run }: Begun): void {
    if (reads) this.reading++;
    run((answer) => {
      if (this.answers.push({ answer, reads }) === 1) this.flushSoon();
    });
  }

  private flushSoon(): void {
    process.nextTick(() => {
      this.flush();
    });
  }

  private settle(): void {
    const room = this.running < this.limits.pipelinedMax;
    if (room === this.open) return;
    this.open = room;
    this.sink.onRoom(room);
  }
}
