import { sameValue } from "../value/same-value.ts";
import { partOf } from "./columns.ts";
import { joined, type LockMode } from "./lock-mode.ts";
import { type LockNode, nodeBelow, relationNode } from "./lock-node.ts";
import { lockOf, type LockRequest } from "./lock-table.ts";
import type { Footprint, Pattern } from "./transaction.ts";

/** For each relation the columns by whose values its tuples are locked: the key of an ordered one,
 * in its order; none where the relation is locked as a whole. */
export type LockKeys = readonly (readonly number[])[];

/** Returns the locks of a footprint, each node once: on the node of each pattern, and its intention
 * on those above. */
export function locksOf({ reads, writes }: Footprint, keys: LockKeys): LockRequest[] {
  const modes = new Map<LockNode, LockMode>();
  const add = (node: LockNode, mode: LockMode): void => {
    const before = modes.get(node);
    modes.set(node, before === undefined ? mode : joined(before, mode));
  };
  for (const [patterns, mode, intention] of [
    // Who changes all that it reads needs no locks to read it.
    [reads === writes ? [] : reads, "S", "IS"],
    [writes, "X", "IX"],
  ] as const)
    for (const pattern of patterns) {
      const path = pathOf(pattern, keys);
      for (const [at, node] of path.entries()) add(node, at + 1 < path.length ? intention : mode);
    }
  return [...modes].map(([node, mode]) => lockOf(node, mode));
}

/** Whether what a pattern asks is within what others cover: no tuple fits it that fits none of
 * them. */
export function covered(pattern: Pattern, by: readonly Pattern[]): boolean {
  return by.some(({ relation, columns, values }) => {
    if (relation !== pattern.relation) return false;
    return columns.every((column, at) => {
      const place = pattern.columns.indexOf(column);
      return place >= 0 && sameValue(pattern.values[place] ?? null, values[at] ?? null);
    });
  });
}

/** The nodes from the relation down to the key prefix that a pattern is locked by. */
function pathOf({ relation, columns, values }: Pattern, keys: LockKeys): LockNode[] {
  let node = relationNode(relation);
  const path = [node];
  for (const column of keys[relation] ?? []) {
    const at = columns.indexOf(column);
    const value = at < 0 ? undefined : values[at];
    if (value === undefined) break;
    node = nodeBelow(node, partOf(value));
    path.push(node);
  }
  return path;
}
