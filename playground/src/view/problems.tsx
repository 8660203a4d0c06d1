import { positionIn } from "../place.ts";
import { checked, findings, project, runState, show, showLines } from "../state.ts";
import { Remedies } from "./remedies.tsx";

/** What was found, as a list: each leads to its place. */
export function Problems() {
  const all = findings.value;
  const errors = runState.value.kind === "done" ? runState.value.result.dataErrors : [];
  const ms = checked.value?.ms;
  const count = all.length + errors.length;
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
          {all.map((finding) => {
            const { file, severity, code, message, start, hint } = finding;
            const { line, column } = positionIn(project.value.files[file] ?? "", start);
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
        </ul>
      )}
    </div>
  );
}
