// The node that serves the page: how it does, who its peers are, what its relations hold.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { NodeStatus, RelationInfo } from "../../../src/client/node-client.ts";
import { NodeError } from "../../../src/client/node-error.ts";
import { clientOf, type ServingNode, servingNode, token } from "../node.ts";
import { reason } from "../state.ts";
import { FollowedRelation } from "./followed-relation.tsx";
import { NodeGoal } from "./node-goal.tsx";

/** How often the node is asked how things stand. */
const askMs = 1_000;

type Known = { readonly status: NodeStatus; readonly relations: readonly RelationInfo[] };

/** The Node view. */
export function NodePane() {
  const node = servingNode.value;
  if (node === undefined) return <p class="quiet">This page is not served by a node.</p>;
  return <ServedBy node={node} key={token.value} />;
}

function ServedBy({ node }: { readonly node: ServingNode }) {
  const known = useSignal<Known | undefined>(undefined);
  const failed = useSignal<unknown>(undefined);
  const chosen = useSignal("");
  useEffect(() => {
    const client = clientOf(node);
    const ended = new AbortController();
    const { signal } = ended;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = async (): Promise<void> => {
      try {
        const status = await client.status({ signal });
        known.value = { status, relations: await client.relations({ signal }) };
        failed.value = undefined;
      } catch (error) {
        if (signal.aborted) return;
        failed.value = error;
      }
      timer = setTimeout(() => void ask(), askMs);
    };
    void ask();
    return () => {
      ended.abort();
      clearTimeout(timer);
    };
  }, [node]);
  const wrong = failed.value;
  if (wrong instanceof NodeError && wrong.status === 401) return <TokenForm />;
  if (known.value === undefined)
    return <p class="quiet">{wrong === undefined ? "asking the node…" : reason(wrong)}</p>;
  const { status, relations } = known.value;
  const { name, state, program, peers, holds } = status;
  const facts = Object.values(holds).reduce((sum, count) => sum + count, 0);
  const relation = relations.find((one) => one.name === chosen.value);
  return (
    <div class="network">
      <p class="verdict" data-verdict={wrong === undefined ? "converged" : "wrong"} role="status">
        <strong>
          {name} {wrong === undefined ? `is ${state}` : "does not answer"}
        </strong>{" "}
        {wrong === undefined
          ? `It has taken in ${String(facts)} facts. Its program is ${program.slice(0, 12)}….`
          : reason(wrong)}
      </p>
      <section aria-label="Peers">
        <h3>Peers</h3>
        {peers.length === 0 && <p class="quiet">none: it is alone</p>}
        <ul class="facts">
          {peers.map((peer) => (
            <li key={peer.name}>
              {peer.name}{" "}
              <span class="quiet">{peer.connected ? "✓ connected" : "✕ not connected"}</span>
            </li>
          ))}
        </ul>
      </section>
      <section aria-label="Relations">
        <h3>Relations</h3>
        <table class="plain">
          <thead>
            <tr>
              <th scope="col">relation</th>
              <th scope="col">tuples</th>
              <th scope="col">level</th>
            </tr>
          </thead>
          <tbody>
            {relations.map(({ name: of, tuples, level, input, output }) => (
              <tr key={of}>
                <th scope="row">
                  <button
                    type="button"
                    aria-pressed={chosen.value === of}
                    onClick={() => (chosen.value = chosen.value === of ? "" : of)}
                  >
                    {of}
                  </button>
                </th>
                <td>{tuples}</td>
                <td>
                  {level} <span class="quiet">{input ? "input" : output ? "output" : ""}</span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <NodeGoal node={node} />
      {relation !== undefined && (
        <FollowedRelation node={node} relation={relation} key={relation.name} />
      )}
    </div>
  );
}

function TokenForm() {
  const typed = useSignal("");
  return (
    <form
      class="network-bar"
      aria-label="Token"
      onSubmit={(event) => {
        event.preventDefault();
        token.value = typed.value.trim();
      }}
    >
      <p role="status">
        {token.value === ""
          ? "The node wants its token."
          : "That is not the token that the node wants."}
      </p>
      <label>
        Token{" "}
        <input
          type="password"
          autocomplete="off"
          value={typed.value}
          onInput={(event) => {
            typed.value = event.currentTarget.value;
          }}
        />
      </label>
      <button type="submit" class="primary">
        Ask with it
      </button>
    </form>
  );
}
