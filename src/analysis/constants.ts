import type { NumberNode } from "../syntax/tree.ts";
import { structured, type Domain, type PrimitiveValue, type ValueKind } from "../value/schema.ts";
import { type KindSet, kindSet, numericKinds } from "./kinds.ts";

const unsigned = kindSet(["unsigned"]);
const float = kindSet(["float"]);

/** Returns the kinds that a literal may have by its form. One without suffix or point fits every
 * numeric type. */
export function literalKinds(node: NumberNode): KindSet {
  if (node.form === "float") return float;
  return node.unsigned ? unsigned : numericKinds;
}

/** Returns the value of a literal as a value of `kind`; undefined where it is out of range. An IPv4
 * address is the signed 32-bit number with its bytes, which syntax has checked. */
export function literalValue(
  node: NumberNode,
  kind: ValueKind,
  domain: Domain,
): PrimitiveValue | undefined {
  if (kind === "symbol" || structured(kind)) return undefined;
  if (node.form === "float") return floatValue(Number(node.text), domain);
  const value = node.form === "ipv4" ? addressValue(node.text) : integerValue(node.text);
  switch (kind) {
    case "number":
      return BigInt.asIntN(domain, value) === value ? value : undefined;
    case "unsigned":
      return BigInt.asUintN(domain, value) === value ? value : undefined;
    case "float":
      return floatValue(Number(value), domain);
  }
}

function floatValue(value: number, domain: Domain): number | undefined {
  const rounded = domain === 32 ? Math.fround(value) : value;
  return Number.isFinite(rounded) ? rounded : undefined;
}

function integerValue(text: string): bigint {
  return text.startsWith("-") ? -BigInt(text.slice(1)) : BigInt(text);
}

function addressValue(text: string): bigint {
  const negative = text.startsWith("-");
  const bytes = text
    .slice(negative ? 1 : 0)
    .split(".")
    .map(Number);
  const value = BigInt.asIntN(32, BigInt(bytes.reduce((sum, byte) => sum * 256 + byte, 0)));
  return negative ? -value : value;
}
