import type { WitnessView } from "../protocol.ts";

/** Two inputs side by side, the second one with more facts, and what becomes of the answer. */
export function Witness({
  witness,
  relation,
}: {
  readonly witness: WitnessView;
  readonly relation: string;
}) {
  if ("none" in witness) return <p class="quiet">{witness.none}</p>;
  const { before, added, withdrawn, answerBefore, answerAfter } = witness;
  return (
    <div class="scroll">
      <table class="plain witness">
        <caption class="visually-hidden">Two inputs of {relation}, and its answers</caption>
        <thead>
          <tr>
            <td />
            <th scope="col">first</th>
            <th scope="col">with more facts</th>
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">facts</th>
            <td>
              <Facts facts={before} empty="none" />
            </td>
            <td>
              <Facts facts={before} empty="" />
              <Facts facts={added} empty="" mark="added" />
            </td>
          </tr>
          <tr>
            <th scope="row">answer</th>
            <td>
              <Facts facts={answerBefore} empty="none" />
            </td>
            <td>
              <Facts facts={answerAfter} empty={withdrawn.length === 0 ? "none" : ""} />
              <Facts facts={withdrawn} empty="" mark="withdrawn" />
            </td>
          </tr>
        </tbody>
      </table>
      <p class="quiet">
        A node that knows the first facts alone would answer {withdrawn.join(", ")}; it would have
        to take that back.
      </p>
    </div>
  );
}

function Facts({
  facts,
  empty,
  mark,
}: {
  readonly facts: readonly string[];
  readonly empty: string;
  readonly mark?: "added" | "withdrawn";
}) {
  if (facts.length === 0) return empty === "" ? null : <span class="quiet">{empty}</span>;
  return (
    <ul class="facts">
      {facts.map((fact) => (
        <li key={fact} class={mark === "withdrawn" ? "wrong" : ""}>
          {mark === "added" && <strong>+ </strong>}
          {fact}
          {mark === "withdrawn" && <span class="withdrawn"> ✕ withdrawn</span>}
        </li>
      ))}
    </ul>
  );
}
