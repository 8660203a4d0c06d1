import type { FactSource } from "../transducer/trail.ts";
import type { Proof, Tuple } from "./proof.ts";
import { withParts } from "./with-parts.ts";

/** Returns proofs whose given tuples say where they came from, as `sourcesOf` knows, by the keys of
 * `keyOf`. */
export function sourced(
  proofs: readonly Proof[],
  keyOf: (tuple: Tuple) => string,
  sourcesOf: (tuples: readonly Tuple[]) => ReadonlyMap<string, FactSource>,
): readonly Proof[] {
  const given: Tuple[] = [];
  const all = new Set<Proof>();
  const collect = (proof: Proof): Proof => {
    if (all.has(proof)) return proof;
    all.add(proof);
    if (proof.derivation.kind === "given") given.push(proof.tuple);
    withParts(proof.derivation, collect);
    return proof;
  };
  proofs.forEach(collect);
  const sources = sourcesOf(given);
  const done = new Map<Proof, Proof>();
  const marked = (proof: Proof): Proof => {
    const known = done.get(proof);
    if (known !== undefined) return known;
    // Where values add to each other in a circle it is met again below itself.
    done.set(proof, proof);
    const source = sources.get(keyOf(proof.tuple));
    const derivation =
      proof.derivation.kind === "given"
        ? { kind: "given" as const, ...(source && { source }) }
        : withParts(proof.derivation, marked);
    const result = { ...proof, derivation };
    done.set(proof, result);
    return result;
  };
  return proofs.map(marked);
}
