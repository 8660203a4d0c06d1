// What the view of the simulated store and its worker say to each other.
import type { Project } from "./protocol.ts";

/** The names of the nodes. */
export const storeNodes = ["n1", "n2", "n3"] as const;

/** How much is simulated at most. */
export const storeLimits = { actionsMax: 300, keyLettersMax: 60, valueLettersMax: 200 } as const;

/** Something that somebody does. A message is named by its text (`ShownStoreMessage.id`). */
export type StoreAction =
  | {
      readonly kind: "put";
      readonly node: string;
      readonly k1: string;
      readonly k2: string;
      readonly value: string;
    }
  | {
      readonly kind: "get" | "remove";
      readonly node: string;
      readonly k1: string;
      readonly k2: string;
    }
  /** Messages between two nodes wait from then on; or go on. */
  | { readonly kind: "hold" | "release"; readonly between: readonly [string, string] }
  /** A message arrives now; or a copy of it is kept, which arrives when somebody lets it. */
  | { readonly kind: "deliver" | "copy"; readonly message: string }
  /** All nodes let go of what nobody needs. */
  | { readonly kind: "clean" };

/** What is played: the store's program is that of the project, where it is one. */
export type StorePlay = {
  readonly project: Project;
  readonly actions: readonly StoreAction[];
};

/** A value at a pair of keys, as a node reads it. */
export type ShownVersion = {
  readonly dot: string;
  readonly value: string;
  readonly winner: boolean;
};

/** What a node reads at a pair of keys: the winner first, then its siblings. */
export type ShownCell = {
  readonly k1: string;
  readonly k2: string;
  readonly versions: readonly ShownVersion[];
};

/** What a node keeps: a put, with what it put; a tombstone, with the dots that it names. */
export type ShownKept =
  | {
      readonly kind: "put";
      readonly dot: string;
      readonly text: string;
      /** Whether a tombstone names it: it goes when the node cleans up. */
      readonly removed: boolean;
    }
  | {
      readonly kind: "tombstone";
      readonly dot: string;
      readonly text: string;
      readonly names: readonly string[];
    };

/** A node as it is shown. */
export type ShownStoreNode = {
  readonly name: string;
  readonly cells: readonly ShownCell[];
  readonly kept: readonly ShownKept[];
  /** What of a node's dots is gone here, as ranges: `n1/1:1–3`. */
  readonly gone: readonly string[];
  readonly goneCount: number;
};

/** A message on its way. `copy`: it was delivered already, or will be, and comes again. */
export type ShownStoreMessage = {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly text: string;
  readonly kind: "fact" | "seal";
  readonly copy: boolean;
};

/** What a get gave. */
export type ShownAnswer = ShownCell & { readonly node: string };

/** The store after what was done. */
export type StoreView = {
  readonly nodes: readonly ShownStoreNode[];
  readonly messages: readonly ShownStoreMessage[];
  readonly held: readonly (readonly [string, string])[];
  readonly log: readonly string[];
  /** Whether all nodes read the same. */
  readonly agreed: boolean;
  /** What the last thing that was done gave, if that was a get. */
  readonly answer?: ShownAnswer;
  /** Whose rules the nodes run: the project's, or those of `programs/kv.dl`. */
  readonly rules: "project" | "shipped";
};

/** Returns the actions that a link carries, as far as they are such. */
export function storeActionsOf(given: unknown): StoreAction[] {
  if (!Array.isArray(given)) return [];
  return given.slice(0, storeLimits.actionsMax).filter(isAction);
}

function isAction(given: unknown): given is StoreAction {
  if (typeof given !== "object" || given === null) return false;
  const { kind, node, k1, k2, value, message, between } = given as Record<string, unknown>;
  const known = (name: unknown): boolean => storeNodes.some((one) => one === name);
  const key = (text: unknown): boolean =>
    typeof text === "string" && text.length <= storeLimits.keyLettersMax;
  switch (kind) {
    case "put":
      if (typeof value !== "string" || value.length > storeLimits.valueLettersMax) return false;
      return known(node) && key(k1) && key(k2);
    case "get":
    case "remove":
      return known(node) && key(k1) && key(k2);
    case "hold":
    case "release":
      return Array.isArray(between) && between.length === 2 && between.every(known);
    case "deliver":
    case "copy":
      return typeof message === "string";
    case "clean":
      return true;
    default:
      return false;
  }
}
