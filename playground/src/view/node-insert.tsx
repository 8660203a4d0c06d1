// Facts for an input of the node that serves the page.
import { useSignal } from "@preact/signals";
import type { RelationInfo } from "../../../src/client/node-client.ts";
import type { Column } from "../../../src/client/values.ts";
import { clientOf, type ServingNode } from "../node.ts";
import { reason } from "../state.ts";

/** A form with a field for each column of an input. */
export function NodeInsert({
  node,
  relation: { name, columns },
}: {
  readonly node: ServingNode;
  readonly relation: RelationInfo;
}) {
  const cells = useSignal<readonly string[]>(columns.map(() => ""));
  const said = useSignal("");
  const insert = async (): Promise<void> => {
    try {
      const row = columns.map((column, at) => valueOf(column, cells.value[at] ?? ""));
      await clientOf(node).insert(name, [row]);
      said.value = "It is durable at the node.";
    } catch (error) {
      said.value = reason(error);
    }
  };
  return (
    <form
      class="network-bar"
      aria-label={`Insert into ${name}`}
      onSubmit={(event) => {
        event.preventDefault();
        void insert();
      }}
    >
      {columns.map((column, at) => (
        <label key={column.name}>
          {column.name} <span class="quiet">{column.type}</span>{" "}
          <input
            class="short"
            value={cells.value[at]}
            onInput={(event) => {
              cells.value = cells.value.with(at, event.currentTarget.value);
            }}
          />
        </label>
      ))}
      <button type="submit" class="primary">
        Insert
      </button>
      <span role="status">{said.value}</span>
    </form>
  );
}

/** A value as the node takes it: of numbers their text, of what has parts what the JSON says. */
function valueOf({ name, kind }: Column, text: string): unknown {
  if (kind !== "record") return kind === "symbol" ? text : text.trim();
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`${name} is written as JSON: an array of its fields, or null`);
  }
}
