import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Stopped } from "../calls.ts";
import type { Profile, StratumProfile } from "../protocol.ts";
import * as state from "../state.ts";

const rulesShownMax = 30;

/** How the last run was evaluated: what each stratum took, its plan and its code. */
export function PlanView() {
  const profile = useSignal<Profile | undefined>(undefined);
  const run = state.result.value?.run;
  useEffect(() => {
    if (run === undefined) return;
    state.evaluation.call("profile", undefined).then(
      (answer) => (profile.value = answer),
      (error: unknown) => {
        if (!(error instanceof Stopped)) state.say(state.reason(error));
      },
    );
  }, [run]);
  if (profile.value === undefined || run === undefined)
    return <p class="quiet">Run the program to see how it is evaluated.</p>;
  const { strata, rules, bytes } = profile.value;
  const most = Math.max(...strata.map(({ ms }) => ms), 0.001);
  return (
    <div class="plan">
      <p class="quiet">
        Rules are evaluated stratum by stratum, each to its fixpoint. {(bytes / 2 ** 20).toFixed(1)}{" "}
        MiB of tuples, indexes and values.
      </p>
      <h2>Strata</h2>
      {strata.map((stratum, at) => (
        <Stratum key={at} stratum={stratum} number={at + 1} most={most} />
      ))}
      <h2>Rules</h2>
      <div class="scroll">
        <table class="plain">
          <thead>
            <tr>
              <th scope="col">rule</th>
              <th scope="col" class="numeric">
                runs
              </th>
              <th scope="col" class="numeric">
                derived
              </th>
              <th scope="col" class="numeric">
                ms
              </th>
            </tr>
          </thead>
          <tbody>
            {rules.slice(0, rulesShownMax).map((rule, at) => (
              <tr key={at}>
                <td>
                  <button
                    type="button"
                    class="code-link"
                    onClick={() => {
                      state.show(rule);
                    }}
                  >
                    {rule.text}
                    {rule.deltaAt !== undefined && (
                      <span class="quiet"> Δ {String(rule.deltaAt + 1)}</span>
                    )}
                  </button>
                </td>
                <td class="numeric">{rule.runs}</td>
                <td class="numeric">{rule.derived.toLocaleString("en")}</td>
                <td class="numeric">{rule.ms.toFixed(2)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}

function Stratum({
  stratum: { relations, rounds, derived, ms, plan, code },
  number,
  most,
}: {
  readonly stratum: StratumProfile;
  readonly number: number;
  readonly most: number;
}) {
  const part = `${((100 * ms) / most).toFixed(1)}%`;
  return (
    <details class="stratum">
      <summary>
        <span class="quiet">{number}</span> <strong>{relations.join(", ")}</strong>{" "}
        <span class="quiet">
          {derived.toLocaleString("en")} tuples, {rounds} {rounds === 1 ? "round" : "rounds"},{" "}
          {ms.toFixed(2)} ms
        </span>
        <span class="bar" aria-hidden="true">
          <span style={{ width: part }} />
        </span>
      </summary>
      {plan === undefined ? (
        <p class="quiet">Nothing is computed in it.</p>
      ) : (
        <>
          <h3>Plan</h3>
          <pre class="code">{plan}</pre>
          <h3>Code</h3>
          <pre class="code">{code}</pre>
        </>
      )}
    </details>
  );
}
