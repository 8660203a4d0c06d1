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
  const declared = vector(locals.slice(parameters).map(({ type }) => [1, typeCodes[type]]));
  const { bytes: code } = new Code(imports).sequence(body);
  const codeBytes = declared.length + code.length + 1;
  const entry = unsigned(codeBytes);
  const before = [
    [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    section(1, vector(types)),
    section(2, vector(imported)),
    section(3, vector([unsigned(0)])),
    section(7, vector([[...name(functionName), 0x00, ...unsigned(imports.length)]])),
    // The section of the code, of one entry.
    [10, ...unsigned(1 + entry.length + codeBytes), 1, ...entry],
    declared,
  ].flat();
  // The code, which is most of it, is copied once, and not one byte at a time.
  const bytes = new Uint8Array(before.length + code.length + 1);
  bytes.set(before);
  bytes.set(code, before.length);
  bytes[bytes.length - 1] = end;
  return bytes;
}

type Bytes = readonly number[];

const typeCodes: Record<Type, number> = { i32: 0x7f, i64: 0x7e };
const end = 0x0b;
const noResult = 0x40;

/** The bytes of a function's instructions. All are appended to one list: instructions are nested,
 * and lists of lists would be copied at each level. */
class Code {
  readonly bytes: number[] = [];
  private readonly places: ReadonlyMap<Imported, number>;
  /** The labels of the blocks around, the outermost first. */
  private readonly labels: (Label | undefined)[] = [];

  constructor(imports: readonly Imported[]) {
    this.places = new Map(imports.map((one, at) => [one, at]));
  }

  sequence(body: readonly Instruction[]): this {
    for (const one of body) this.instruction(one);
    return this;
  }

  private instruction(one: Instruction): void {
    const { bytes } = this;
    if ("callee" in one) {
      this.sequence(one.operands);
      bytes.push(0x10);
      this.unsigned(this.places.get(one.callee)!);
      return;
    }
    if ("offset" in one) {
      const { code, alignment } = memoryOps[one.op];
      this.sequence(one.operands);
      bytes.push(code);
      this.unsigned(alignment);
      this.unsigned(one.offset);
      return;
    }
    if ("operands" in one) {
      this.sequence(one.operands);
      bytes.push(plainOps[one.op]);
      return;
    }
    switch (one.op) {
      case "i32.const":
      case "i64.const":
        bytes.push(one.op === "i32.const" ? 0x41 : 0x42);
        this.signed(one.value);
        return;
      case "local.get":
        bytes.push(0x20);
        this.unsigned(one.local.at);
        return;
      case "local.set":
      case "local.tee":
        this.instruction(one.value);
        bytes.push(one.op === "local.set" ? 0x21 : 0x22);
        this.unsigned(one.local.at);
        return;
      case "block":
      case "loop":
        bytes.push(one.op === "block" ? 0x02 : 0x03, noResult);
        this.labels.push(one.label);
        this.sequence(one.body);
        this.labels.pop();
        bytes.push(end);
        return;
      case "if":
        this.instruction(one.condition);
        bytes.push(0x04, one.type === undefined ? noResult : typeCodes[one.type]);
        this.labels.push(undefined);
        this.sequence(one.body);
        if (one.otherwise.length > 0) bytes.push(0x05);
        this.sequence(one.otherwise);
        this.labels.pop();
        bytes.push(end);
        return;
      case "br":
        bytes.push(0x0c);
        this.unsigned(this.depth(one.label));
        return;
      case "br_if":
        this.instruction(one.condition);
        bytes.push(0x0d);
        this.unsigned(this.depth(one.label));
        return;
    }
  }

  /** How many blocks lie between a branch and the one that it names. */
  private depth(label: Label): number {
    return this.labels.length - 1 - this.labels.lastIndexOf(label);
  }

  private unsigned(value: number): void {
    if (value < 0x80) this.bytes.push(value);
    else this.bytes.push(...unsigned(value));
  }

  /** LEB128 of a word. */
  private signed(value: number): void {
    for (; value < -0x40 || value >= 0x40; value >>= 7) this.bytes.push((value & 0x7f) | 0x80);
    this.bytes.push(value & 0x7f);
  }
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
