// A WebAssembly module as text: the functions of its text format, folded, for people to read.
import type { Instruction, Local } from "./instruction.ts";
import { functionName, moduleName, type WasmModule } from "./module.ts";

/** Returns the text of a module. */
export function printed({ imports, parameters, locals, body }: WasmModule): string {
  const words = (count: number): string => " i32".repeat(count);
  const imported = imports.map(({ name, parameters: count, result }) => {
    const type = `${count > 0 ? ` (param${words(count)})` : ""}${result ? " (result i32)" : ""}`;
    return `  (import "${moduleName}" "${name}" (func $${name}${type}))`;
  });
  const given = locals.slice(0, parameters).map((local) => ` (param ${variable(local)} i32)`);
  const own = locals
    .slice(parameters)
    .map((local) => `    (local ${variable(local)} ${local.type})`);
  return [
    "(module",
    ...imported,
    `  (func (export "${functionName}")${given.join("")}`,
    ...own,
    ...body.flatMap((one) => lines(one).map((line) => `    ${line}`)),
    "  )",
    ")",
  ]
    .map((line) => `${line}\n`)
    .join("");
}

function lines(one: Instruction): string[] {
  const nested = (body: readonly Instruction[]): string[] =>
    body.flatMap((inner) => lines(inner).map((line) => `  ${line}`));
  if (one.op === "block" || one.op === "loop")
    return [`(${one.op} $${one.label.name}`, ...nested(one.body), ")"];
  if (one.op === "if" && one.type === undefined) {
    const otherwise = one.otherwise.length === 0 ? [] : [") (else", ...nested(one.otherwise)];
    return [`(if ${folded(one.condition)} (then`, ...nested(one.body), ...otherwise, "))"];
  }
  return [folded(one)];
}

function folded(one: Instruction): string {
  const parts = (head: string, operands: readonly Instruction[]): string =>
    `(${[head, ...operands.map(folded)].join(" ")})`;
  if ("callee" in one) return parts(`call $${one.callee.name}`, one.operands);
  if ("offset" in one) {
    const offset = one.offset > 0 ? ` offset=${one.offset}` : "";
    return parts(`${one.op}${offset}`, one.operands);
  }
  if ("operands" in one) return parts(one.op, one.operands);
  switch (one.op) {
    case "i32.const":
    case "i64.const":
      return `(${one.op} ${one.value})`;
    case "local.get":
      return `(local.get ${variable(one.local)})`;
    case "local.set":
    case "local.tee":
      return parts(`${one.op} ${variable(one.local)}`, [one.value]);
    case "br":
      return `(br $${one.label.name})`;
    case "br_if":
      return parts(`br_if $${one.label.name}`, [one.condition]);
    case "block":
    case "loop":
      return parts(`${one.op} $${one.label.name}`, one.body);
    case "if": {
      const type = one.type === undefined ? "" : ` (result ${one.type})`;
      const arms = [parts("then", one.body), parts("else", one.otherwise)].join(" ");
      return `(if${type} ${folded(one.condition)} ${arms})`;
    }
  }
}

function variable({ name }: Local): string {
  return `$${name}`;
}
