import type { Derivation, Premise, Proof } from "./proof.ts";

/** Returns a derivation with each of its proofs replaced. */
export function withParts(derivation: Derivation, part: (proof: Proof) => Proof): Derivation {
  switch (derivation.kind) {
    case "rule":
      return { ...derivation, premises: derivation.premises.map((of) => withPart(of, part)) };
    case "closure": {
      const pairs = derivation.pairs.map(({ proof, reversed }) => ({
        proof: part(proof),
        reversed,
      }));
      return { ...derivation, pairs };
    }
    case "join":
      return { ...derivation, contributions: derivation.contributions.map(part) };
    case "given":
    case "arrival":
    case "cut":
    case "circle":
    case "dropped":
      return derivation;
  }
}

function withPart(premise: Premise, part: (proof: Proof) => Proof): Premise {
  switch (premise.kind) {
    case "tuple":
      return { ...premise, proof: part(premise.proof) };
    case "aggregate":
      return { ...premise, witnesses: premise.witnesses.map(part) };
    case "absent":
    case "condition":
      return premise;
  }
}
