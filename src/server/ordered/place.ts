/** Which partition of which replica a node is. */
export type Place = { readonly replica: number; readonly partition: number };

/** How an ordered plane is laid out, and where in it a node is. */
export type Layout = {
  readonly partitions: number;
  readonly replicas: number;
  readonly place: Place;
};

/** Returns a place as it is written: `REPLICA/PARTITION`. */
export function placeText({ replica, partition }: Place): string {
  return `${replica}/${partition}`;
}

/** Returns a hash of states as it is shown. */
export function hashText(hash: number): string {
  return hash.toString(16).padStart(12, "0");
}
