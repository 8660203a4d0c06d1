// What machines of a simulated cluster say to each other: messages are late, lost, repeated, out of
// order, and cut off in one direction.
import type { Random } from "../../../src/base/random.ts";
import type { BatchReference, OrderedBatch } from "../../../src/calvin/record.ts";
import type { ReplicaOutput } from "../../../src/calvin/replica.ts";
import type { FactsMessage } from "../free-facts.ts";
import type { Machine } from "./machine.ts";

/** What one machine says to another one. */
export type Message = { readonly from: string; readonly to: string } & (
  | { readonly kind: "reads"; readonly of: ReplicaOutput["reads"][number] }
  | { readonly kind: "batch"; readonly batch: OrderedBatch }
  | { readonly kind: "held"; readonly reference: BatchReference }
  | { readonly kind: "facts"; readonly facts: FactsMessage }
);

/** Messages that are on their way at most. */
const messagesMax = 300;

/** All that is on its way. */
export class Mail {
  private messages: Message[] = [];
  private readonly cutUntil = new Map<string, number>();

  /** One machine does not hear another one until a step. */
  cut(from: Machine, to: Machine, until: number): void {
    this.cutUntil.set(`${from.name} ${to.name}`, until);
  }

  /** Whether what one machine says now comes to another one. */
  hears(from: Machine, to: Machine, step: number): boolean {
    return from.alive && to.alive && (this.cutUntil.get(`${from.name} ${to.name}`) ?? 0) <= step;
  }

  /** Of too many that are on their way the oldest is lost. */
  send(message: Message): void {
    this.messages.push(message);
    if (this.messages.length > messagesMax) this.messages.shift();
  }

  /** Takes one of those that are on their way, whichever it is. */
  take(chance: Random): Message | undefined {
    const at = chance.below(Math.max(1, this.messages.length));
    return this.messages.splice(at, 1)[0];
  }

  /** What is on its way to a machine that stops is lost. */
  drop(to: string): void {
    this.messages = this.messages.filter((of) => of.to !== to);
  }
}
