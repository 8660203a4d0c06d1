/** What a simulated network does to its nodes, and what it means. */
export const faultKinds = {
  delay: "frames take their time",
  loss: "frames are lost, while connections stay",
  duplicate: "frames arrive twice",
  reorder: "frames overtake each other",
  late: "frames of a connection that broke still arrive in the next",
  cut: "nothing goes between two groups of nodes, for a time",
  "one-way": "nothing goes from one group of nodes to another, while answers come back",
  crash: "a node stops, and comes back with what was written down",
  torn: "the last record that is being written when a node stops is half there",
  restore: "a node comes back with an old copy of its log",
  "slow-fsync": "it takes long until what was written is durable",
  join: "a node becomes a member while others run, and owns some of what they had",
  leave: "a member leaves, once others have what it holds",
  forget: "a member is gone for good, and the others are told so",
} as const;

/** One kind of fault. */
export type FaultKind = keyof typeof faultKinds;

/** All kinds of faults. */
export const allFaults: readonly FaultKind[] = Object.keys(faultKinds) as FaultKind[];

/** Returns the kinds that a text names: words with commas between them, `all` or `none`; undefined
 * where a word is no kind. */
export function faultsNamed(text: string): readonly FaultKind[] | undefined {
  if (text === "all") return allFaults;
  if (text === "none") return [];
  const words = text.split(",");
  const known = allFaults.filter((kind) => words.includes(kind));
  return words.every((word) => word in faultKinds) ? known : undefined;
}
