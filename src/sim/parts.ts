// Programs in parts: a tuple is at the nodes that own it, and all nodes together have the answer.
import type { Fact } from "../transducer/fact.ts";
import type { FactMap, Model } from "../transducer/model.ts";
import type { Owners } from "../transducer/owners.ts";
import type { Value, ValueKind } from "../value/schema.ts";

/** Where the tuples of a relation are: at each node, where they are inserted, or at the owners of
 * the values of these columns, one for each list. */
export type Place =
  | { readonly kind: "everywhere" | "arrival" }
  | { readonly kind: "keyed"; readonly keys: readonly (readonly number[])[] };

/** What a simulation has to know of a program that is evaluated in parts. */
export type Parts = {
  /** What one machine runs: the program as it was written, with the same first relations. */
  readonly whole: Model;
  /** Of each relation. */
  readonly places: readonly Place[];
  /** For an input in parts the relation into which its tuples can be inserted at any node. */
  readonly arrivals: ReadonlyMap<number, number>;
  /** For a relation that is negated or aggregated the one of its sealed keys. */
  readonly seals: ReadonlyMap<number, number>;
  /** Inputs from which rules derive seals. */
  readonly closing: ReadonlySet<number>;
};

/** Returns the owners of a fact; none where it is not in parts. */
export function ownersOfFact({ places }: Parts, owners: Owners, fact: Fact): readonly string[] {
  const place = places[fact.relation];
  return place?.kind === "keyed" ? owners.ofTuple(place.keys, fact.values) : [];
}

/** What a client sends to one node: facts that this accepts. */
export type Portion = {
  readonly node: string;
  readonly request: string;
  readonly facts: readonly Fact[];
};

/** Returns what becomes of a request: its facts go to those that own them, in portions of their own
 * names; what is not in parts goes to the node that was asked. Among other members the names are
 * others, as the portions are. */
export function portionsOf(parts: Parts, owners: Owners, asked: Portion): Portion[] {
  const byNode = new Map<string, Fact[]>();
  for (const fact of asked.facts) {
    const [node = asked.node] = ownersOfFact(parts, owners, fact);
    byNode.set(node, [...(byNode.get(node) ?? []), fact]);
  }
  return Array.from(byNode, ([node, facts]) => {
    return { node, request: `${asked.request}@${node}/${owners.members.length}`, facts };
  });
}

/** Returns the facts as the written program has them: without sealed keys, of which it knows
 * nothing, and as if all were inserted where they belong. */
export function writtenFacts({ whole, arrivals }: Parts, facts: readonly Fact[]): Fact[] {
  const inputs = new Map([...arrivals].map(([input, arrival]) => [arrival, input]));
  return facts.flatMap((fact) => {
    const relation = inputs.get(fact.relation) ?? fact.relation;
    return relation < whole.network.roles.length ? [{ ...fact, relation }] : [];
  });
}

/** Returns what of an answer has to be at a node. */
export function shareOf(parts: Parts, owners: Owners, name: string, answer: FactMap): FactMap {
  return answer.filter((fact) => {
    const place = parts.places[fact.relation];
    if (place?.kind !== "keyed") return place?.kind === "everywhere";
    return owners.ofTuple(place.keys, fact.values).includes(name);
  });
}

/** Whether a fact may be at a node. */
export function mayBeAt(parts: Parts, owners: Owners, name: string, fact: Fact): boolean {
  const nodes = ownersOfFact(parts, owners, fact);
  return nodes.length === 0 || nodes.includes(name);
}

/** Returns the seal of the key of a fact; undefined where the relation has no seals. */
export function sealOf({ places, seals }: Parts, { relation, values }: Fact): Fact | undefined {
  const seal = seals.get(relation);
  const place = places[relation];
  if (seal === undefined || place?.kind !== "keyed") return undefined;
  const [key = []] = place.keys;
  return { relation: seal, values: key.map((column) => values[column] ?? null) };
}

/** Returns facts that may still come before these seals do, one for each: with its key, and with
 * values of no meaning elsewhere; none where a column has none such. */
export function mayCome(parts: Parts, open: readonly Fact[]): Fact[] {
  return [...parts.seals].flatMap(([relation, seal]) => {
    const place = parts.places[relation];
    const [key = []] = place?.kind === "keyed" ? place.keys : [];
    const { attributes = [] } = parts.whole.network.step.relations[relation] ?? {};
    return open.flatMap((fact): Fact[] => {
      const values = attributes.flatMap(({ kind }, column): Value[] => {
        const at = key.indexOf(column);
        return at < 0 ? meaningless(kind) : [fact.values[at] ?? null];
      });
      const whole = fact.relation === seal && values.length === attributes.length;
      return whole ? [{ relation, values }] : [];
    });
  });
}

function meaningless(kind: ValueKind): Value[] {
  if (kind === "number" || kind === "unsigned") return [987_654_321n];
  if (kind === "float") return [987_654_321];
  return kind === "symbol" ? ["987654321"] : [];
}
