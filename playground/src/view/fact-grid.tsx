import { useMemo } from "preact/hooks";
import { type FactRow, rowsOf, rowsText } from "../fact-rows.ts";
import type { RelationInfo } from "../protocol.ts";
import * as state from "../state.ts";

/** Rows that are edited as a grid; a file with more is edited as text. */
const gridRowsMax = 500;

/** The facts of a relation, as cells to type into. */
export function FactGrid({ relation }: { readonly relation: RelationInfo }) {
  const { facts, attributes } = relation;
  const name = facts?.name ?? "";
  const separation = { delimiter: facts?.delimiter ?? "\t", quoted: facts?.quoted === true };
  const text = state.project.value.files[name] ?? "";
  const headers = facts?.headers === true;
  const [all, head] = useMemo(() => {
    const found = rowsOf(text, separation);
    return [found.slice(headers ? 1 : 0), headers ? found.slice(0, 1) : []];
  }, [text, separation.delimiter, separation.quoted, headers]);
  const rows = all.map(({ cells }) => cells);
  const wrong = wrongRows(all, name);
  if (rows.length > gridRowsMax)
    return (
      <p class="quiet">
        {rows.length.toLocaleString("en")} rows: edit them as text, or drop another file here.
      </p>
    );
  const put = (changed: readonly (readonly string[])[]): void => {
    const written = rowsText([...head.map(({ cells }) => cells), ...changed], separation);
    if (typeof written === "string") state.write(name, written);
    else state.say(written.why);
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
            <tr key={row} class={wrong.has(row) ? "wrong" : undefined}>
              {attributes.map((of, column) => (
                <td key={of.name}>
                  <input
                    aria-label={`${of.name}, row ${String(row + 1)}`}
                    aria-invalid={wrong.has(row)}
                    aria-describedby={wrong.has(row) ? `wrong-${String(row)}` : undefined}
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
              {wrong.has(row) && (
                <td class="row-error" id={`wrong-${String(row)}`}>
                  {wrong.get(row)}
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** What the last run had to say against rows, by their places. */
function wrongRows(rows: readonly FactRow[], name: string): ReadonlyMap<number, string> {
  const run = state.runState.value;
  const errors = run.kind === "done" ? run.result.dataErrors : [];
  return new Map(
    errors.flatMap(({ file, line, message }): [number, string][] => {
      const row = rows.findLastIndex((of) => of.line <= line);
      return file === name && row >= 0 ? [[row, message]] : [];
    }),
  );
}
