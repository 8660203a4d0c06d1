// Short stories about the store, as what happens in them. Each is played from the beginning.
import type { StoreAction } from "../store-protocol.ts";

/** One story. */
export type Scene = {
  readonly title: string;
  /** What is to be seen at its end. */
  readonly text: string;
  readonly actions: readonly StoreAction[];
};

const at = { k1: "cart", k2: "tea" } as const;

const put = (node: string, value: string): StoreAction => ({ kind: "put", node, ...at, value });
const remove = (node: string): StoreAction => ({ kind: "remove", node, ...at });
const links = (kind: "hold" | "release", ...all: (readonly [string, string])[]): StoreAction[] =>
  all.map((between) => ({ kind, between }));

const [oneTwo, oneThree, twoThree] = [
  ["n1", "n2"],
  ["n1", "n3"],
  ["n2", "n3"],
] as const;

/** All of them, the simplest first. */
export const scenes: readonly Scene[] = [
  {
    title: "Two puts at once",
    text: "Neither node knew of the other's put, so both values are kept. All nodes name the same winner without asking each other; the other value is its sibling. The next put, anywhere, replaces both.",
    actions: [
      ...links("hold", oneTwo, oneThree),
      put("n1", "green"),
      put("n2", "black"),
      ...links("release", oneTwo, oneThree),
    ],
  },
  {
    title: "Put while it is removed",
    text: "n2 removed what it saw: its tombstone names that dot, and no other. What n3 put meanwhile has another dot, so it stays.",
    actions: [
      put("n1", "green"),
      ...links("hold", oneThree, twoThree),
      remove("n2"),
      put("n3", "black"),
      ...links("release", oneThree, twoThree),
    ],
  },
  {
    title: "A late copy",
    text: "The put and its tombstone were cleaned up everywhere; what is left of them are numbers, as ranges. The late copy of the put is on its way to n3: deliver it. Its number is gone, so nothing comes back.",
    actions: [
      ...links("hold", oneThree),
      put("n1", "green"),
      { kind: "copy", message: "n1>n3 batch n1/1:1" },
      ...links("release", oneThree),
      remove("n2"),
      { kind: "clean" },
    ],
  },
  {
    title: "One is not heard from",
    text: "n3 has not acknowledged the tombstone: n1 and n2 let the value go, and keep the tombstone until n3 has it. Let messages to n3 go on, and clean up again.",
    actions: [
      put("n1", "green"),
      ...links("hold", oneThree, twoThree),
      remove("n1"),
      { kind: "clean" },
    ],
  },
];
