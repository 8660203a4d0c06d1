import { computed, useComputed, useSignal } from "@preact/signals";
import { dropTarget } from "../dropped.ts";
import type { RelationResult, RunResult } from "../protocol.ts";
import * as state from "../state.ts";
import { LevelBadge } from "./level-badge.tsx";
import { RowTable } from "./row-table.tsx";

/** What the last run derived: a table for each relation. */
export function Results() {
  const chosen = useSignal<string | undefined>(undefined);
  const all = useComputed(() => state.result.value?.result.relations ?? []);
  const current = state.result.value;
  const shown =
    all.value.find(({ name }) => name === chosen.value) ??
    all.value.find(({ output }) => output) ??
    all.value.at(-1);
  return (
    <div class="results">
      <RunLine />
      {current !== undefined && state.checked.value?.runs === false && (
        <p class="stale">These are the answers of the text before its errors.</p>
      )}
      {current !== undefined && (
        <>
          <div class="relations" role="group" aria-label="Relations">
            {ordered(all.value).map((relation) => (
              <RelationButton
                key={relation.name}
                relation={relation}
                chosen={relation === shown}
                onChoose={() => (chosen.value = relation.name)}
              />
            ))}
          </div>
          {shown !== undefined && (
            <RowTable key={`${shown.name} ${String(current.run)}`} relation={shown} />
          )}
        </>
      )}
    </div>
  );
}

/** What the checker knows of relations, by their names. */
const knownRelations = computed(
  () => new Map((state.checked.value?.relations ?? []).map((of) => [of.name, of])),
);

/** Outputs come first, then what is derived, then inputs. */
function ordered(relations: readonly RelationResult[]): RelationResult[] {
  const rank = ({ output, input }: RelationResult): number => (output ? 0 : input ? 2 : 1);
  return [...relations].sort((a, b) => rank(a) - rank(b));
}

function RelationButton({
  relation,
  chosen,
  onChoose,
}: {
  readonly relation: RelationResult;
  readonly chosen: boolean;
  readonly onChoose: () => void;
}) {
  const { name, size, output } = relation;
  const known = knownRelations.value.get(name);
  return (
    <button
      type="button"
      aria-pressed={chosen}
      onClick={onChoose}
      {...(known?.facts !== undefined && dropTarget(known))}
    >
      {known !== undefined && <LevelBadge level={known.level} />}
      <span class={output ? "name output" : "name"}>{name}</span>{" "}
      <span class="count">{size.toLocaleString("en")}</span>
    </button>
  );
}

/** How the run went, in a line. */
function RunLine() {
  const run = state.runState.value;
  const text = ((): string => {
    switch (run.kind) {
      case "none":
        return state.checked.value?.runs === false
          ? "It runs once the errors are mended."
          : "Not run yet.";
      case "running":
        return `running… ${run.progress}`;
      case "stopped":
        return `Stopped: ${run.why}.`;
      case "failed":
        return `It failed: ${run.why}`;
      case "done":
        return doneText(run.result);
    }
  })();
  return (
    <p
      class="run-line"
      role="status"
      data-kind={run.kind}
      data-run={run.kind === "done" ? run.run : undefined}
    >
      {text}
    </p>
  );
}

function doneText({
  complete,
  derived,
  ms,
  expectations,
  findings,
  dataErrors,
}: RunResult): string {
  if (dataErrors.length > 0) return "The facts cannot be read: see what is found.";
  if (!complete) return findings.at(-1)?.message ?? "It did not come to its end.";
  const seconds = ms.evaluate / 1000;
  const rate =
    seconds > 0.05 ? `, ${Math.round(derived / seconds).toLocaleString("en")} a second` : "";
  const unmet = findings.filter(({ code }) => code === "unmet-expectation").length;
  const expected =
    expectations === 0
      ? ""
      : unmet === 0
        ? `; what it expects is met (${String(expectations)})`
        : `; of what it expects ${String(unmet)} of ${String(expectations)} are not met`;
  return (
    `${derived.toLocaleString("en")} tuples derived in ${ms.evaluate.toFixed(1)} ms${rate} ` +
    `(compiled in ${ms.compile.toFixed(0)} ms, facts read in ${ms.load.toFixed(0)} ms)${expected}`
  );
}
