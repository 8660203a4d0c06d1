import { useMemo } from "preact/hooks";
import type { RelationInfo } from "../protocol.ts";
import * as state from "../state.ts";

/** Rows that are edited as a grid; a file with more is edited as text. */
const gridRowsMax = 500;

/** The facts of a relation, as cells to type into. */
export function FactGrid({ relation }: { readonly relation: RelationInfo }) {
  const { facts, attributes } = relation;
  const name = facts?.name ?? "";
  const delimiter = facts?.delimiter ?? "\t";
  const text = state.project.value.files[name] ?? "";
  const { head, rows } = useMemo(
    () => parsed(text, delimiter, facts?.headers === true),
    [text, delimiter, facts?.headers],
  );
  if (rows.length > gridRowsMax)
    return (
      <p class="quiet">
        {rows.length.toLocaleString("en")} rows: edit them as text, or drop another file here.
      </p>
    );
  const put = (changed: readonly (readonly string[])[]): void => {
    state.write(name, [...head, ...changed.map((row) => row.join(delimiter))].join("\n") + "\n");
  };
  const set = (row: number, column: number, value: string): void => {
    const next = rows.map((cells) => [...cells]);
    const cells = (next[row] ??= attributes.map(() => ""));
    while (cells.length < attributes.length) cells.push("");
    cells[column] = value;
    put(next);
  };
  return (
    <div class="grid-scroll">
      <table class="grid">
        <caption class="visually-hidden">Facts of {relation.name}</caption>
        <thead>
          <tr>
            {attributes.map((of) => (
              <th scope="col" key={of.name}>
                {of.name} <span class="quiet">{of.type}</span>
              </th>
            ))}
            <th scope="col">
              <span class="visually-hidden">Remove</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {[...rows, undefined].map((cells, row) => (
            <tr key={row}>
              {attributes.map((of, column) => (
                <td key={of.name}>
                  <input
                    aria-label={`${of.name}, row ${String(row + 1)}`}
                    value={cells?.[column] ?? ""}
                    placeholder={cells === undefined ? "new" : undefined}
                    onChange={(event) => {
                      set(row, column, event.currentTarget.value);
                    }}
                  />
                </td>
              ))}
              <td>
                {cells !== undefined && (
                  <button
                    type="button"
                    aria-label={`Remove row ${String(row + 1)}`}
                    onClick={() => {
                      put(rows.filter((_, at) => at !== row));
                    }}
                  >
                    ×
                  </button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function parsed(
  text: string,
  delimiter: string,
  headers: boolean,
): { readonly head: readonly string[]; readonly rows: readonly (readonly string[])[] } {
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  const head = headers ? lines.splice(0, 1) : [];
  return { head, rows: lines.map((line) => line.split(delimiter)) };
}
