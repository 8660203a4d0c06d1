// What the words after a declaration say of where a relation's tuples are, and for how long.
import type {
  AttributeNode,
  NameNode,
  QualifierNode,
  QualifierWord,
  RelationDeclarationNode,
} from "../syntax/tree.ts";
import type { DeclaredAttribute } from "./declared-relation.ts";
import type { Findings } from "./findings.ts";
import type { Place } from "./program.ts";

/** The words that say where tuples are. */
export type PlaceWord = Extract<
  QualifierWord,
  "message" | "event" | "memory" | "system" | "partition" | "snapshot" | "ordered"
>;

/** Returns where the tuples of the relations of a declaration are; undefined where it says nothing.
 * Reports words that exclude each other, and keys that are no attributes. */
export function placeOf(
  { names, attributes: nodes, qualifiers }: RelationDeclarationNode,
  attributes: readonly DeclaredAttribute[],
  findings: Findings,
): Place | undefined {
  const said = qualifiers.filter(isPlaceQualifier);
  if (said.length === 0) return undefined;
  reportExclusions(qualifiers, findings);
  const words = new Set(said.map(({ word }) => word));
  const partitions = said
    .filter(({ word }) => word === "partition")
    .map((qualifier) => keyColumns(qualifier, nodes, findings));
  const key = said.find(({ word }) => word === "ordered");
  const systems = said
    .filter(({ word }) => word === "system")
    .map(({ span }) => systemName(names, attributes, { span }, findings));
  return {
    ...(words.has("message") && { message: true }),
    ...(words.has("event") && { event: true }),
    ...(words.has("memory") && { memory: true }),
    ...(words.has("snapshot") && { snapshot: true }),
    ...(systems[0] !== undefined && { system: systems[0] }),
    ...(partitions.length > 0 && { partitions }),
    ...(key !== undefined && { ordered: keyColumns(key, nodes, findings) }),
  };
}

function isPlaceQualifier(
  qualifier: QualifierNode,
): qualifier is QualifierNode & { readonly word: PlaceWord } {
  return Object.hasOwn(excluded, qualifier.word);
}

/** For each word, those that cannot stand beside it. */
const excluded: Readonly<Record<PlaceWord, readonly QualifierWord[]>> = {
  message: ["input", "system", "snapshot", "ordered", "inline"],
  event: ["memory", "system", "snapshot", "ordered", "partition", "inline"],
  memory: ["input", "event", "system", "snapshot", "ordered", "inline"],
  system: ["input", "message", "event", "memory", "partition", "snapshot", "ordered", "inline"],
  partition: ["event", "system", "snapshot", "ordered", "inline"],
  snapshot: ["input", "message", "event", "memory", "system", "partition", "ordered", "inline"],
  ordered: ["message", "event", "memory", "system", "partition", "snapshot", "inline", "eqrel"],
};

function reportExclusions(qualifiers: readonly QualifierNode[], findings: Findings): void {
  for (const [at, later] of qualifiers.entries()) {
    for (const earlier of qualifiers.slice(0, at)) {
      if (!excludes(earlier, later) && !excludes(later, earlier)) continue;
      const message = `\`${later.word}\` and \`${earlier.word}\` exclude each other`;
      const related = [{ span: earlier.span, text: "the first" }];
      findings.error("duplicate-qualifier", message, later.span, { related });
    }
  }
}

function excludes(one: QualifierNode, other: QualifierNode): boolean {
  return isPlaceQualifier(one) && excluded[one.word].includes(other.word);
}

function keyColumns(
  { word, keys = [], span }: QualifierNode,
  attributes: readonly AttributeNode[],
  findings: Findings,
): number[] {
  if (keys.length === 0) {
    const hint = `write \`${word}(${attributes[0]?.name.text ?? "x"})\``;
    findings.error("wrong-key", `\`${word}\` names no attribute`, span, { hint });
  }
  const columns = new Set<number>();
  for (const key of keys) {
    const column = attributes.findIndex(({ name }) => name.text === key.text);
    if (column >= 0 && !columns.has(column)) columns.add(column);
    else reportKey(key, column >= 0, attributes, findings);
  }
  return [...columns];
}

function reportKey(
  { text, span }: NameNode,
  repeated: boolean,
  attributes: readonly AttributeNode[],
  findings: Findings,
): void {
  if (repeated) {
    findings.error("wrong-key", `attribute "${text}" is named twice`, span);
    return;
  }
  const names = attributes.map(({ name }) => name.text).join(", ");
  findings.error("wrong-key", `the key "${text}" is no attribute of the relation`, span, {
    hint: names === "" ? "the relation has none" : `its attributes are ${names}`,
  });
}

function systemName(
  names: readonly NameNode[],
  attributes: readonly DeclaredAttribute[],
  { span }: Pick<QualifierNode, "span">,
  findings: Findings,
): "Id" | "All" | undefined {
  const [name] = names;
  const single = attributes.length === 1 && attributes[0]?.type.kind === "symbol";
  if (names.length === 1 && single && (name?.text === "Id" || name?.text === "All"))
    return name.text;
  findings.error("wrong-system", "a system relation is `Id` or `All`, with one symbol", span, {
    hint: "write `.decl Id(node: symbol) system`, or nothing: both are declared already",
  });
  return undefined;
}
