import { positionsIn } from "../place.ts";
import { checked, checkedProject, findings, runState, show, showLines } from "../state.ts";
import { Remedies } from "./remedies.tsx";

/** How many findings are listed: with more, those that are errors come first. */
const listedMax = 100;

/** What was found, as a list: each leads to its place. */
export function Problems() {
  const all = findings.value;
  const errors = runState.value.kind === "done" ? runState.value.result.dataErrors : [];
  const ms = checked.value?.ms;
  const count = all.length + errors.length;
  // Of the text that was checked: while one types, what is found stays as it was.
  const position = positionsIn(checkedProject.value?.files ?? {});
  return (
    <div class="problems">
      <h2>
        {count === 0
          ? "Nothing to complain about"
          : `${String(count)} ${count === 1 ? "finding" : "findings"}`}
        {ms !== undefined && <span class="quiet"> checked in {ms.toFixed(0)} ms</span>}
      </h2>
      {count > 0 && (
        <ul>
          {errors.map(({ file, line, message, hint }) => (
            <li key={`${file}:${String(line)}:${message}`}>
              <button
                type="button"
                onClick={() => {
                  showLines({ from: line, to: line }, file);
                }}
              >
                <span class="severity error">error</span>{" "}
                <span class="where">
                  {file}:{line}
                </span>{" "}
                {message}
              </button>
              {hint !== undefined && <div class="finding-hint">{hint}</div>}
            </li>
          ))}
          {listed(all).map((finding) => {
            const { file, severity, code, message, start, hint } = finding;
            const { line, column } = position(file, start);
            return (
              <li key={`${file}:${String(start)}:${code}:${message}`}>
                <button
                  type="button"
                  onClick={() => {
                    show(finding);
                  }}
                >
                  <span class={`severity ${severity}`}>{severity}</span>{" "}
                  <span class="where">
                    {file}:{line}:{column}
                  </span>{" "}
                  {message} <span class="finding-code">{code}</span>
                </button>
                {hint !== undefined && <div class="finding-hint">{hint}</div>}
                {finding.fixable !== undefined && <Remedies finding={finding.fixable} />}
              </li>
            );
          })}
          {all.length > listedMax && <li class="quiet">and {all.length - listedMax} more</li>}
        </ul>
      )}
    </div>
  );
}

function listed<Found extends { readonly severity: string }>(all: readonly Found[]) {
  if (all.length <= listedMax) return all;
  const errors = all.filter(({ severity }) => severity === "error");
  return [...errors, ...all.filter((one) => !errors.includes(one))].slice(0, listedMax);
}
