// What a node waits for, as it says so.
import type { SealView } from "../transducer/seals.ts";
import { Problem } from "./http/problem.ts";
import type { NodeService } from "./node-service.ts";

/** How things stand with the seals of a relation, by name. */
export type RelationSeals = Omit<SealView, "relation"> & { readonly relation: string };

/** Returns how things stand with the relations that are awaited, or that some member has sealed. */
export function relationSeals({ node, program }: NodeService): RelationSeals[] {
  return node.sealViews().map(({ relation, ...view }) => {
    return { relation: program.network.roles[relation]?.name ?? "", ...view };
  });
}

/** Throws a problem while the node waits for seals: it has no answers yet. */
export function needsInput(service: NodeService): void {
  if (service.node.complete) return;
  const waits = relationSeals(service).filter(({ awaited, complete }) => awaited && !complete);
  throw new Problem(
    503,
    "not-ready",
    `the node answers once its input is sealed: ${waits.map(waitsFor).join("; ")}`,
    {
      hint: "`calm node seal` says at a member that its share is complete",
      headers: { "retry-after": "1" },
      errors: waits.map(({ relation, missing }) => ({ relation, missing })),
    },
  );
}

/** Returns in words what a relation lacks. */
export function waitsFor({ relation, missing }: RelationSeals): string {
  if (missing.length > 0) return `relation "${relation}" is not sealed by ${missing.join(", ")}`;
  return `relation "${relation}" is sealed by all, and not all of it is here yet`;
}
