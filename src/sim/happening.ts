import type { Insert, TimedFault } from "./schedule.ts";
import type { Wire } from "./wires.ts";

/** What is to happen to a network. What is about one life of a node does not happen in the next. */
export type Happening =
  | { readonly kind: "insert"; readonly insert: Insert; readonly again: boolean }
  | { readonly kind: "arrival"; readonly wire: Wire }
  | {
      readonly kind: "synced";
      readonly name: string;
      readonly life: number;
      readonly count: number;
    }
  | { readonly kind: "tick"; readonly name: string; readonly life: number }
  | { readonly kind: "fault"; readonly fault: TimedFault }
  | { readonly kind: "heal"; readonly fault: TimedFault & { readonly kind: "cut" } }
  | { readonly kind: "join"; readonly name: string }
  | { readonly kind: "restart"; readonly name: string; readonly life: number }
  /** What is wanted of members is attempted again. */
  | { readonly kind: "members" }
  | { readonly kind: "calm" }
  | { readonly kind: "look" };
