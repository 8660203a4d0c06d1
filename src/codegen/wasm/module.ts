// A WebAssembly module of one function, and its bytes as the binary format wants them
// (WebAssembly Core Specification, chapter 5).
import {
  memoryOps,
  plainOps,
  type Imported,
  type Instruction,
  type Label,
  type Local,
  type Type,
} from "./instruction.ts";

/** A module that imports one shared memory and functions, all from `moduleName`, and exports one
 * function, `functionName`, of words and without a result. */
export type WasmModule = {
  readonly imports: readonly Imported[];
  /** The first of `locals`. */
  readonly parameters: number;
  readonly locals: readonly Local[];
  readonly body: readonly Instruction[];
};

/** Where imports come from. */
export const moduleName = "calm";
/** What the memory is imported as. */
export const memoryName = "memory";
/** What the function is exported as. */
export const functionName = "rule";
/** The most pages that the memory may have: four GiB. */
const memoryPagesMax = 1 << 16;

/** Returns the bytes of a module. */
export function encoded(module: WasmModule): Uint8Array {
  const { imports, parameters, locals, body } = module;
  const types = [
    functionType(parameters, false),
    ...imports.map((one) => functionType(one.parameters, one.result)),
  ];
  const shared = [0x03, ...unsigned(1), ...unsigned(memoryPagesMax)];
  const imported = [
    [...name(moduleName), ...name(memoryName), 0x02, ...shared],
    ...imports.map((one, at) => [
      ...name(moduleName),
      ...name(one.name),
      0x00,
      ...unsigned(at + 1),
    ]),
  ];
  const places = new Map(imports.map((one, at) => [one, at]));
  const code = [
    ...vector(locals.slice(parameters).map(({ type }) => [1, typeCodes[type]])),
    ...sequence(body, { places, labels: [] }),
    end,
  ];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, vector(types)),
    ...section(2, vector(imported)),
    ...section(3, vector([unsigned(0)])),
    ...section(7, vector([[...name(functionName), 0x00, ...unsigned(imports.length)]])),
    ...section(10, vector([[...unsigned(code.length), ...code]])),
  ]);
}

type Bytes = readonly number[];

const typeCodes: Record<Type, number> = { i32: 0x7f, i64: 0x7e };
const end = 0x0b;
const noResult = 0x40;

/** What instructions refer to by number. */
type Scope = {
  readonly places: ReadonlyMap<Imported, number>;
  /** The labels of the blocks around, the outermost first. */
  readonly labels: readonly (Label | undefined)[];
};

function sequence(body: readonly Instruction[], scope: Scope): Bytes {
  return body.flatMap((one) => instruction(one, scope));
}

function instruction(one: Instruction, scope: Scope): Bytes {
  if ("callee" in one)
    return [...sequence(one.operands, scope), 0x10, ...unsigned(scope.places.get(one.callee)!)];
  if ("offset" in one) {
    const { code, alignment } = memoryOps[one.op];
    return [
      ...sequence(one.operands, scope),
      code,
      ...unsigned(alignment),
      ...unsigned(one.offset),
    ];
  }
  if ("operands" in one) return [...sequence(one.operands, scope), plainOps[one.op]];
  switch (one.op) {
    case "i32.const":
      return [0x41, ...signed(one.value)];
    case "i64.const":
      return [0x42, ...signed(one.value)];
    case "local.get":
      return [0x20, ...unsigned(one.local.at)];
    case "local.set":
      return [...instruction(one.value, scope), 0x21, ...unsigned(one.local.at)];
    case "local.tee":
      return [...instruction(one.value, scope), 0x22, ...unsigned(one.local.at)];
    case "block":
    case "loop": {
      const code = one.op === "block" ? 0x02 : 0x03;
      return [code, noResult, ...sequence(one.body, inside(scope, one.label)), end];
    }
    case "if": {
      const arms = inside(scope, undefined);
      const otherwise = one.otherwise.length === 0 ? [] : [0x05, ...sequence(one.otherwise, arms)];
      const type = one.type === undefined ? noResult : typeCodes[one.type];
      return [
        ...instruction(one.condition, scope),
        ...[0x04, type, ...sequence(one.body, arms), ...otherwise, end],
      ];
    }
    case "br":
      return [0x0c, ...unsigned(depth(scope, one.label))];
    case "br_if":
      return [...instruction(one.condition, scope), 0x0d, ...unsigned(depth(scope, one.label))];
  }
}

function inside({ places, labels }: Scope, label: Label | undefined): Scope {
  return { places, labels: [...labels, label] };
}

/** How many blocks lie between a branch and the one that it names. */
function depth({ labels }: Scope, label: Label): number {
  return labels.length - 1 - labels.lastIndexOf(label);
}

function functionType(parameters: number, result: boolean): Bytes {
  const words = Array.from({ length: parameters }, () => [typeCodes.i32]);
  return [0x60, ...vector(words), ...vector(result ? [[typeCodes.i32]] : [])];
}

function section(id: number, content: Bytes): Bytes {
  return [id, ...unsigned(content.length), ...content];
}

function vector(items: readonly Bytes[]): Bytes {
  return [...unsigned(items.length), ...items.flat()];
}

function name(ascii: string): Bytes {
  return vector(Array.from(ascii, (letter) => [letter.charCodeAt(0)]));
}

/** LEB128 of a number in [0, 2^32). */
function unsigned(value: number): Bytes {
  const bytes = [];
  for (; value >= 0x80; value = Math.floor(value / 0x80)) bytes.push((value % 0x80) | 0x80);
  return [...bytes, value];
}

/** LEB128 of a word. */
function signed(value: number): Bytes {
  const bytes = [];
  for (; value < -0x40 || value >= 0x40; value >>= 7) bytes.push((value & 0x7f) | 0x80);
  return [...bytes, value & 0x7f];
}
