import { useComputed, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { Stopped } from "../calls.ts";
import type { DownloadFormat, Explained, RelationResult, RowPage, RowQuery } from "../protocol.ts";
import * as state from "../state.ts";
import { Explanation } from "./explanation.tsx";

const rowPx = 26;
/** Rows that are fetched at once; some are outside of what is seen. */
const pageRows = 200;
/** Taller tables are not laid out by browsers: positions are scaled then. */
const heightMaxPx = 8_000_000;
const copyRowsMax = 10_000;

/** The rows of a relation: as many as there are, of which those are in the page that are seen. */
export function RowTable({ relation }: { readonly relation: RelationResult }) {
  const { name, attributes } = relation;
  const sort = useSignal<RowQuery["sort"]>(undefined);
  const filter = useSignal("");
  const page = useSignal<RowPage | undefined>(undefined);
  const failed = useSignal("");
  const selected = useSignal<number | undefined>(undefined);
  const explained = useSignal<{ readonly goal: string; readonly what?: Explained } | undefined>(
    undefined,
  );
  const ask = async (row: number | undefined): Promise<void> => {
    if (row === undefined) return;
    selected.value = row;
    try {
      const goal = await state.evaluation.call("rowText", { relation: name, row });
      await explain("why", goal);
    } catch (error) {
      if (!(error instanceof Stopped)) state.say(state.reason(error));
    }
  };
  const explain = async (how: "why" | "whyNot", goal: string): Promise<void> => {
    explained.value = { goal };
    const project = state.checkedProject.value ?? state.project.value;
    const what = await state.explaining
      .call(how, { project, goal })
      .catch((error: unknown): Explained => ({ refused: state.reason(error) }));
    if (explained.value.goal === goal) explained.value = { goal, what };
  };
  const scroller = useRef<HTMLDivElement>(null);
  const wanted = useRef(0);

  const query = useComputed(() => ({
    ...{ relation: name, filter: filter.value },
    ...(sort.value && { sort: sort.value }),
  }));
  const load = async (from: number): Promise<void> => {
    const number = ++wanted.current;
    try {
      const answer = await state.evaluation.call("rows", { ...query.value, from, count: pageRows });
      if (number === wanted.current) page.value = answer;
    } catch (error) {
      if (!(error instanceof Stopped)) failed.value = state.reason(error);
    }
  };
  useEffect(() => {
    scroller.current?.scrollTo({ top: 0 });
    const timer = setTimeout(() => void load(0), filter.value === "" ? 0 : 120);
    return () => {
      clearTimeout(timer);
    };
  }, [name, sort.value, filter.value]);

  const total = page.value?.total ?? relation.size;
  const scale = Math.max(1, (total * rowPx) / heightMaxPx);
  const scrolled = (): void => {
    const top = (scroller.current?.scrollTop ?? 0) * scale;
    const first = Math.floor(top / rowPx);
    const { from = 0, rows = [] } = page.value ?? {};
    const seen = Math.ceil((scroller.current?.clientHeight ?? 600) / rowPx);
    if (first < from || first + seen > from + rows.length)
      void load(Math.max(0, first - Math.floor(pageRows / 3)));
  };
  const toggle = (column: number): void => {
    const before = sort.value;
    if (before?.column !== column) sort.value = { column, descending: false };
    else sort.value = before.descending ? undefined : { column, descending: true };
  };
  if (attributes.length === 0)
    return <p>{relation.size > 0 ? `${name} holds.` : `${name} does not hold.`}</p>;
  const { from = 0, rows = [] } = page.value ?? {};
  const offset = from * rowPx - (scroller.current?.scrollTop ?? 0) * (scale - 1);
  return (
    <div class="row-table">
      <div class="table-bar">
        <label>
          <span class="visually-hidden">Filter {name}</span>
          <input
            type="search"
            placeholder="Filter"
            value={filter.value}
            onInput={(event) => {
              filter.value = event.currentTarget.value;
            }}
          />
        </label>
        <span class="quiet" role="status">
          {total.toLocaleString("en")} {total === 1 ? "row" : "rows"}
        </span>
        <span class="spacer" />
        <button type="button" onClick={() => void copied(query.value, page.value?.total ?? 0)}>
          Copy
        </button>
        {(["csv", "json"] as const).map((format) => (
          <button
            type="button"
            key={format}
            onClick={() => void saved(relation, format)}
            aria-label={`Download ${name} as ${format.toUpperCase()}`}
          >
            {format.toUpperCase()}
          </button>
        ))}
      </div>
      {failed.value !== "" && <p class="severity error">{failed.value}</p>}
      <div
        class="rows"
        ref={scroller}
        onScroll={scrolled}
        tabIndex={0}
        role="group"
        aria-label={`Rows of ${name}`}
      >
        <div style={{ height: `${Math.min(heightMaxPx, (total + 1) * rowPx + 4).toString()}px` }}>
          <table
            aria-rowcount={total + 1}
            style={{ transform: `translateY(${offset.toString()}px)` }}
          >
            <caption class="visually-hidden">{name}</caption>
            <thead>
              <tr aria-rowindex={1}>
                {attributes.map(({ name: attribute, type, numeric }, column) => (
                  <th
                    scope="col"
                    key={attribute}
                    class={numeric ? "numeric" : ""}
                    aria-sort={
                      sort.value?.column !== column
                        ? "none"
                        : sort.value.descending
                          ? "descending"
                          : "ascending"
                    }
                  >
                    <button
                      type="button"
                      onClick={() => {
                        toggle(column);
                      }}
                    >
                      {attribute} <span class="quiet">{type}</span>
                      <span aria-hidden="true">
                        {sort.value?.column !== column ? "" : sort.value.descending ? " ↓" : " ↑"}
                      </span>
                    </button>
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map((cells, at) => (
                <tr
                  key={from + at}
                  aria-rowindex={from + at + 2}
                  aria-current={
                    selected.value !== undefined && selected.value === page.value?.ids[at]
                  }
                  onClick={() => void ask(page.value?.ids[at])}
                >
                  {cells.map((cell, column) => (
                    <td key={column} class={attributes[column]?.numeric === true ? "numeric" : ""}>
                      {column === 0 ? (
                        <button
                          type="button"
                          class="row-button"
                          title="Why does it hold?"
                          onClick={(event) => {
                            event.stopPropagation();
                            void ask(page.value?.ids[at]);
                          }}
                        >
                          {cell}
                        </button>
                      ) : (
                        cell
                      )}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </div>
      <div class="explain">
        <form
          class="table-bar"
          onSubmit={(event) => {
            event.preventDefault();
            const goal = new FormData(event.currentTarget).get("goal");
            if (typeof goal === "string" && goal.trim() !== "") void explain("whyNot", goal.trim());
          }}
        >
          <label>
            <span class="visually-hidden">A fact that does not hold</span>
            <input name="goal" placeholder={`${name}(…)`} />
          </label>
          <button type="submit">Why not?</button>
          <span class="quiet">or click a row to see why it holds</span>
        </form>
        {explained.value !== undefined && (
          <section aria-label={`Why ${explained.value.goal}`}>
            {explained.value.what === undefined ? (
              <p class="quiet">looking for a proof…</p>
            ) : (
              <Explanation explained={explained.value.what} />
            )}
          </section>
        )}
      </div>
    </div>
  );
}

async function saved({ name }: RelationResult, format: DownloadFormat): Promise<void> {
  try {
    const text = await state.evaluation.call("download", { relation: name, format });
    state.download(`${name}.${format}`, text);
  } catch (error) {
    state.say(state.reason(error));
  }
}

/** Copies the rows as they are picked and sorted, with tabs between columns. */
async function copied(query: Omit<RowQuery, "from" | "count">, total: number): Promise<void> {
  const count = Math.min(total, copyRowsMax);
  try {
    const { rows } = await state.evaluation.call("rows", { ...query, from: 0, count });
    await navigator.clipboard.writeText(rows.map((row) => row.join("\t")).join("\n"));
    const many = `${count.toLocaleString("en")} ${count === 1 ? "row" : "rows"}`;
    state.say(count === total ? `copied ${many}` : `copied the first ${many}`);
  } catch (error) {
    state.say(state.reason(error));
  }
}
