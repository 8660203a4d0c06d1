import type { ClientTuple, Column } from "../../../src/client/values.ts";

/** Tuples of a node, as a table. */
export function TupleTable({
  columns,
  tuples,
  caption,
}: {
  readonly columns: readonly Column[];
  readonly tuples: readonly ClientTuple[];
  readonly caption: string;
}) {
  return (
    <table class="rows">
      <caption class="visually-hidden">{caption}</caption>
      <thead>
        <tr>
          {columns.map(({ name }) => (
            <th scope="col" key={name}>
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {tuples.map((tuple) => (
          <tr key={tupleText(tuple)}>
            {tuple.map((value, at) => (
              <td key={at}>{typeof value === "string" ? value : tupleText(value)}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** A value or a tuple as a text of its own: equal ones have the same. */
export function tupleText(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === "bigint" ? String(part) : part,
  );
}
