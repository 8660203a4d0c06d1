// A question to the node that serves the page, as `calm query` asks it.
import { useSignal } from "@preact/signals";
import type { Answers } from "../../../src/client/queries.ts";
import { clientOf, type ServingNode } from "../node.ts";
import { reason } from "../state.ts";
import { TupleTable } from "./tuple-table.tsx";

/** How many answers are asked for. */
const answersMax = 500;

/** A goal, and its answers. */
export function NodeGoal({ node }: { readonly node: ServingNode }) {
  const goal = useSignal("");
  const answers = useSignal<Answers | undefined>(undefined);
  const failed = useSignal("");
  const ask = async (): Promise<void> => {
    try {
      answers.value = await clientOf(node).query(goal.value, { limit: answersMax });
      failed.value = "";
    } catch (error) {
      answers.value = undefined;
      failed.value = reason(error);
    }
  };
  return (
    <section aria-label="Question">
      <h3>Ask</h3>
      <form
        class="network-bar"
        onSubmit={(event) => {
          event.preventDefault();
          void ask();
        }}
      >
        <label>
          Goal{" "}
          <input
            placeholder='reach("a", X)'
            required
            spellcheck={false}
            value={goal.value}
            onInput={(event) => {
              goal.value = event.currentTarget.value;
            }}
          />
        </label>
        <button type="submit" class="primary">
          Ask
        </button>
      </form>
      <p role="status">{failed.value !== "" ? failed.value : said(answers.value)}</p>
      {answers.value !== undefined && answers.value.tuples.length > 0 && (
        <TupleTable
          columns={answers.value.columns}
          tuples={answers.value.tuples}
          caption={`Answers of ${answers.value.goal}`}
        />
      )}
    </section>
  );
}

function said(answers: Answers | undefined): string {
  if (answers === undefined) return "";
  const { holds, tuples, final, more } = answers;
  const stays = final ? "; no answer is ever withdrawn" : "; as of now";
  if (!holds) return `No answer${stays}.`;
  const count = tuples.length === 1 ? "1 answer" : `${String(tuples.length)} answers`;
  return `It holds: ${more ? "the first " : ""}${count}${stays}.`;
}
