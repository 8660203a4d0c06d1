// What needs coordination, and why: the level of each relation, where it is lost, two inputs that
// prove it, and what would mend it.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Stopped } from "../calls.ts";
import type { Finding, GraphView, Point, RelationInfo, WitnessView } from "../protocol.ts";
import * as state from "../state.ts";
import { DependencyGraph } from "./dependency-graph.tsx";
import { LevelBadge, levelSigns } from "./level-badge.tsx";
import { Remedies } from "./remedies.tsx";
import { Witness } from "./witness.tsx";

/** The Monotonicity view. */
export function Monotonicity() {
  const checked = state.checked.value;
  const graph = useSignal<GraphView | undefined>(undefined);
  const chosen = useSignal<string | undefined>(undefined);
  const asked = state.checkedProject.value;
  useEffect(() => {
    if (checked?.runs !== true || asked === undefined) return;
    state.explaining.call("graph", asked).then(
      (answer) => {
        if (asked === state.checkedProject.value) graph.value = answer;
      },
      (error: unknown) => {
        if (!(error instanceof Stopped)) state.say(state.reason(error));
      },
    );
  }, [asked]);
  if (checked?.runs !== true) return <p class="quiet">The program has errors: mend them first.</p>;
  const { relations, points } = checked;
  const refused = relations.filter(({ level }) => level !== "M");
  const shown =
    relations.find(({ name }) => name === chosen.value) ??
    refused.find(({ output }) => output) ??
    refused[0];
  return (
    <div class="monotonicity">
      <Summary relations={relations} />
      <ul class="levels" aria-label="Relations and their levels">
        {[...relations].sort(byInterest).map((relation) => (
          <li key={relation.name}>
            <button
              type="button"
              aria-pressed={relation === shown}
              onClick={() => {
                chosen.value = relation.name;
              }}
            >
              <LevelBadge level={relation.level} />
              <span class={relation.output ? "name output" : "name"}>{relation.name}</span>
              <span class="quiet"> {levelSigns[relation.level].text}</span>
            </button>
          </li>
        ))}
      </ul>
      {graph.value !== undefined && (
        <DependencyGraph
          graph={graph.value}
          chosen={shown?.name}
          onChoose={(name) => (chosen.value = name)}
          onPoint={(at) => {
            const point = points[at];
            if (point !== undefined) state.show(point);
          }}
        />
      )}
      {shown !== undefined && <RelationDetail key={shown.name} relation={shown} points={points} />}
    </div>
  );
}

/** What needs coordination comes first; of the rest, outputs. */
function byInterest(a: RelationInfo, b: RelationInfo): number {
  const rank = ({ level, output }: RelationInfo): number =>
    (level === "M" ? 2 : 0) + (output ? 0 : 1);
  return rank(a) - rank(b);
}

function Summary({ relations }: { readonly relations: readonly RelationInfo[] }) {
  const outputs = relations.filter(({ output }) => output);
  const free = outputs.filter(({ level }) => level === "M").length;
  const all = free === outputs.length;
  return (
    <p class="verdict" data-verdict={all ? "converged" : "wrong"}>
      <strong>{all ? "✓ No coordination needed." : "✕ Coordination needed."}</strong>{" "}
      {all
        ? "More facts only add answers, so nodes of a network may answer at once, and all come to the same (the CALM theorem)."
        : `${String(free)} of ${String(outputs.length)} outputs can do without. Any other may take an answer back when more facts arrive, unless its nodes wait: see below for what.`}
    </p>
  );
}

function RelationDetail({
  relation,
  points,
}: {
  readonly relation: RelationInfo;
  readonly points: readonly Point[];
}) {
  const { name, level } = relation;
  const witness = useSignal<WitnessView | undefined>(undefined);
  const searching = useSignal(false);
  const asked = state.checkedProject.value;
  useEffect(() => {
    witness.value = undefined;
    if (level === "M" || asked === undefined) return;
    searching.value = true;
    state.explaining
      .call("witness", { project: asked, relation: name })
      .then(
        (answer) => {
          if (asked === state.checkedProject.value) witness.value = answer;
        },
        (error: unknown) => {
          if (!(error instanceof Stopped)) witness.value = { none: state.reason(error) };
        },
      )
      .finally(() => (searching.value = false));
  }, [asked, name]);
  return (
    <section class="relation-detail" aria-label={`Relation ${name}`}>
      <h2>
        <LevelBadge level={level} /> {name}
        <button
          type="button"
          onClick={() => {
            state.show(relation.place);
          }}
        >
          Declaration
        </button>
      </h2>
      {level === "M" ? (
        <p>
          It is monotone
          {relation.final
            ? ": what is derived is never taken back."
            : ", and its values only grow: what is told is a lower bound."}
        </p>
      ) : (
        <>
          <h3>Why</h3>
          <ol class="points">
            {relation.points.map((at) => {
              const point = points[at];
              return point === undefined ? null : <PointOfOrder key={at} point={point} of={name} />;
            })}
          </ol>
          <h3>Counterexample</h3>
          {searching.value && <p class="quiet">looking for two inputs that prove it…</p>}
          {witness.value !== undefined && <Witness witness={witness.value} relation={name} />}
        </>
      )}
    </section>
  );
}

function PointOfOrder({ point, of }: { readonly point: Point; readonly of: string }) {
  const findings = state.checked.value?.findings ?? [];
  const at = findings.findIndex((finding) => isAbout(finding, point));
  const flow = at < 0 ? [] : (findings[at]?.flow ?? []);
  return (
    <li>
      <button
        type="button"
        class="code-link"
        onClick={() => {
          state.show(point);
        }}
      >
        {point.message}
      </button>
      {point.relation !== of && (
        <span class="quiet">
          {" "}
          in <code>{point.relation}</code>, which <code>{of}</code> is derived from
        </span>
      )}
      {flow.length > 1 && (
        <ol class="flow">
          {flow.map((step) => (
            <li key={`${step.file}:${String(step.start)}:${step.text}`}>
              <button
                type="button"
                class="code-link"
                onClick={() => {
                  state.show(step);
                }}
              >
                {step.text}
              </button>
            </li>
          ))}
        </ol>
      )}
      {point.hint !== undefined && <p class="finding-hint">{point.hint}</p>}
      {at >= 0 && <Remedies finding={at} />}
    </li>
  );
}

function isAbout({ file, start, end }: Finding, point: Point): boolean {
  return file === point.file && start === point.start && end === point.end;
}
