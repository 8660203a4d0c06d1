import type { Asked, CallName, Given, Reply, Request } from "./protocol.ts";

/** Why a call has no answer: the worker was stopped, or is to be asked something newer. */
export class Stopped extends Error {
  override readonly name = "Stopped";
}

type Waiting = {
  readonly resolve: (given: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly progress: ((text: string) => void) | undefined;
};

/** A worker that is asked. It is begun when it is asked first, and begun anew after it was
 * stopped, which always works: whatever it does, it is ended from outside. */
export class Calls {
  private readonly begin: () => Worker;
  private worker: Worker | undefined;
  private readonly waiting = new Map<number, Waiting>();
  private last = 0;

  constructor(begin: () => Worker) {
    this.begin = begin;
  }

  /** Asks; rejects with `Stopped` where the worker is stopped before it has answered. */
  call<Name extends CallName>(
    name: Name,
    asked: Asked<Name>,
    progress?: (text: string) => void,
  ): Promise<Given<Name>> {
    this.worker ??= this.started();
    const id = ++this.last;
    const request: Request = { id, name, asked };
    const { worker } = this;
    return new Promise<unknown>((resolve, reject) => {
      this.waiting.set(id, { resolve, reject, progress });
      worker.postMessage(request);
    }) as Promise<Given<Name>>;
  }

  /** Whether it has something to do. */
  get busy(): boolean {
    return this.waiting.size > 0;
  }

  /** Ends what is under way, and with it what the worker knew. */
  stop(): void {
    this.worker?.terminate();
    this.worker = undefined;
    this.fail(new Stopped("it was stopped"));
  }

  private started(): Worker {
    const worker = this.begin();
    worker.onmessage = ({ data }: MessageEvent<Reply>) => {
      this.take(data);
    };
    worker.onerror = ({ message }) => {
      worker.terminate();
      if (this.worker === worker) this.worker = undefined;
      this.fail(new Error(message || "the worker could not be loaded"));
    };
    return worker;
  }

  private take(reply: Reply): void {
    const waiting = this.waiting.get(reply.id);
    if (waiting === undefined) return;
    if ("progress" in reply) {
      waiting.progress?.(reply.progress);
      return;
    }
    this.waiting.delete(reply.id);
    if ("failed" in reply) waiting.reject(new Error(reply.failed));
    else waiting.resolve(reply.given);
  }

  private fail(error: Error): void {
    const all = [...this.waiting.values()];
    this.waiting.clear();
    for (const { reject } of all) reject(error);
  }
}
