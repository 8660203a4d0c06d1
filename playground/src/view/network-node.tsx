import type { NetworkView, ShownNode } from "../network-protocol.ts";

/** How many facts of a node's output are listed. */
const outputShownMax = 40;

/** One node in words: what it was given, what it has told. Before the first step its share can be
 * changed, by dragging facts to it or by choosing them. */
export function NetworkNode({
  node: { name, up, own, held, output, missing, awaits, epoch },
  view,
  movable,
  onDeal,
  onCrash,
}: {
  readonly node: ShownNode;
  readonly view: NetworkView;
  readonly movable: boolean;
  readonly onDeal: (fact: string) => void;
  readonly onCrash: () => void;
}) {
  const others = view.inputs.filter((fact) => !own.includes(fact));
  return (
    <section
      class={up ? "node-card" : "node-card down"}
      aria-label={`Node ${name}`}
      onDragOver={(event) => {
        if (movable) event.preventDefault();
      }}
      onDrop={(event) => {
        const fact = event.dataTransfer?.getData("text/plain") ?? "";
        if (!movable || !others.includes(fact)) return;
        event.preventDefault();
        event.stopPropagation();
        onDeal(fact);
      }}
    >
      <h3>
        {name}
        <span class="quiet">
          {up ? ` holds ${String(held)} of ${String(view.inputs.length)}` : " is down"}
        </span>
        <button type="button" onClick={onCrash}>
          {up ? "Crash" : "Restart"}
        </button>
      </h3>
      {epoch !== undefined && (
        <p class="quiet">
          {view.sequencer?.name === name && "sequencer; "}at epoch {epoch} of{" "}
          {view.sequencer?.epochs ?? 0}
        </p>
      )}
      {awaits.length > 0 && <p class="quiet">waits for {awaits.join(", ")}</p>}
      <h4>Given to it{movable && <span class="quiet"> (drag to another)</span>}</h4>
      <ul class="facts">
        {own.map((fact) => (
          <li
            key={fact}
            draggable={movable}
            onDragStart={(event) => event.dataTransfer?.setData("text/plain", fact)}
          >
            {fact}
          </li>
        ))}
      </ul>
      {movable && others.length > 0 && (
        <select
          aria-label={`Give ${name} another fact`}
          value=""
          onChange={(event) => {
            if (event.currentTarget.value !== "") onDeal(event.currentTarget.value);
          }}
        >
          <option value="">give it…</option>
          {others.map((fact) => (
            <option key={fact} value={fact}>
              {fact}
            </option>
          ))}
        </select>
      )}
      <h4>
        Told{" "}
        <span class="quiet">{missing > 0 ? `${String(missing)} are still missing` : "all"}</span>
      </h4>
      <ul class="facts">
        {output.slice(0, outputShownMax).map(({ text, state }) => (
          <li key={text} class={state}>
            <span aria-hidden="true">{{ right: "✓", wrong: "✕", earlier: "◷" }[state]}</span> {text}
            {state === "wrong" && <span class="visually-hidden"> is wrong</span>}
            {state === "earlier" && <span class="quiet"> as of epoch {epoch}</span>}
          </li>
        ))}
        {output.length > outputShownMax && (
          <li class="quiet">and {output.length - outputShownMax} more</li>
        )}
      </ul>
    </section>
  );
}
