import type { ShownKept, ShownStoreNode } from "../store-protocol.ts";

/** One node of the store: what it reads, what it keeps for that, and which numbers are gone. */
export function StoreNode({
  node: { name, cells, kept, gone, goneCount },
}: {
  readonly node: ShownStoreNode;
}) {
  return (
    <section class="node-card" aria-label={`Node ${name}`}>
      <h3>{name}</h3>
      <h4>Reads</h4>
      {cells.length === 0 && <p class="quiet">nothing</p>}
      <ul class="facts">
        {cells.map(({ k1, k2, versions }) => (
          <li key={`${k1}/${k2}`}>
            {k1}/{k2}
            <ul class="versions">
              {versions.map(({ dot, value, winner }) => (
                <li key={dot} class={winner ? "winner" : "sibling"}>
                  {JSON.stringify(value)} <span class="quiet">{dot}</span>{" "}
                  {versions.length > 1 && (
                    <span class="tag">{winner ? "★ winner" : "sibling"}</span>
                  )}
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ul>
      <h4>Keeps</h4>
      {kept.length === 0 && <p class="quiet">no put, no tombstone</p>}
      <ul class="facts">
        {kept.map((one) => (
          <Kept key={one.dot} kept={one} />
        ))}
      </ul>
      <h4>
        Gone <span class="quiet">{goneCount === 0 ? "nothing" : String(goneCount)}</span>
      </h4>
      <ul class="facts">
        {gone.map((range) => (
          <li key={range}>{range}</li>
        ))}
      </ul>
    </section>
  );
}

function Kept({ kept }: { readonly kept: ShownKept }) {
  if (kept.kind === "put")
    return (
      <li class={kept.removed ? "spent" : undefined}>
        <span class="quiet">{kept.dot}</span> {kept.text}
        {kept.removed && <span class="tag">removed</span>}
      </li>
    );
  return (
    <li>
      <span class="quiet">{kept.dot}</span> <span aria-hidden="true">† </span>
      <span class="visually-hidden">tombstone </span>
      {kept.text} <span class="tag">names {kept.names.join(", ")}</span>
    </li>
  );
}
