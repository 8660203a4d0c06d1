import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { LiveChange, NodeClient, RelationInfo } from "../../../src/client/node-client.ts";
import { NodeError } from "../../../src/client/node-error.ts";
import type { ClientTuple } from "../../../src/client/values.ts";
import { clientOf, type ServingNode } from "../node.ts";
import { reason } from "../state.ts";
import { NodeInsert } from "./node-insert.tsx";
import { TupleTable, tupleText } from "./tuple-table.tsx";

/** How many tuples are shown, and read of what cannot be followed. */
const shownMax = 500;

/** How often what cannot be followed is read again. */
const readMs = 1_000;

type Rows = ReadonlyMap<string, ClientTuple>;

/** The tuples of a node's relation as they come: outputs are followed, others read again. */
export function FollowedRelation({
  node,
  relation,
}: {
  readonly node: ServingNode;
  readonly relation: RelationInfo;
}) {
  const { name, columns, input, output, final } = relation;
  const rows = useSignal<Rows>(new Map());
  const live = useSignal(output);
  const failed = useSignal("");
  useEffect(() => {
    const ended = new AbortController();
    const { signal } = ended;
    const show = (next: Rows): void => {
      rows.value = next;
      failed.value = "";
    };
    const client = clientOf(node);
    const going = async (): Promise<void> => {
      const followed = output && (await follow(client, name, signal, show));
      if (followed) return;
      live.value = false;
      await readAgain(client, name, signal, show, (error) => (failed.value = reason(error)));
    };
    going().catch((error: unknown) => {
      if (!signal.aborted) failed.value = reason(error);
    });
    return () => {
      ended.abort();
    };
  }, [node, name, output]);
  const shown = [...rows.value.values()].slice(0, shownMax);
  return (
    <section aria-label={`Tuples of ${name}`}>
      <h3>{name}</h3>
      {input && <NodeInsert node={node} relation={relation} />}
      <p class="quiet" role="status">
        {failed.value !== ""
          ? failed.value
          : live.value
            ? `followed: ${String(rows.value.size)} tuples${final ? ", none is ever withdrawn" : ""}`
            : `read again every second${shown.length < shownMax ? "" : `: the first ${String(shownMax)}`}`}
      </p>
      <TupleTable columns={columns} tuples={shown} caption={`Tuples of ${name}`} />
    </section>
  );
}

/** Follows an output until the signal ends it; returns whether it can be followed at all. */
async function follow(
  client: NodeClient,
  name: string,
  signal: AbortSignal,
  show: (rows: Rows) => void,
): Promise<boolean> {
  let rows: Rows = new Map();
  try {
    for await (const change of client.subscribe(name, { signal })) {
      rows = changed(rows, change);
      show(rows);
    }
  } catch (error) {
    if (error instanceof NodeError && [400, 404, 409].includes(error.status)) return false;
    throw error;
  }
  return true;
}

async function readAgain(
  client: NodeClient,
  name: string,
  signal: AbortSignal,
  show: (rows: Rows) => void,
  fail: (error: unknown) => void,
): Promise<void> {
  for (;;) {
    try {
      const rows = new Map<string, ClientTuple>();
      for await (const tuple of client.relation(name, { signal, pageTuples: shownMax })) {
        rows.set(tupleText(tuple), tuple);
        if (rows.size === shownMax) break;
      }
      show(rows);
    } catch (error) {
      if (signal.aborted) return;
      fail(error);
    }
    await new Promise((resolve) => setTimeout(resolve, readMs));
    if (signal.aborted) return;
  }
}

function changed(before: Rows, change: LiveChange): Rows {
  const rows = new Map(before);
  switch (change.kind) {
    case "reset":
      return new Map();
    case "added":
      for (const tuple of change.tuples) rows.set(tupleText(tuple), tuple);
      return rows;
    case "changed":
      // A row is found by its key, which does not change.
      for (const row of change.rows) rows.set(tupleText(row.key), [...row.key, ...row.new]);
      return rows;
    case "viewed":
      for (const tuple of change.removed) rows.delete(tupleText(tuple));
      for (const tuple of change.tuples) rows.set(tupleText(tuple), tuple);
      return rows;
    case "current":
      return rows;
  }
}
