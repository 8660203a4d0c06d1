// WebAssembly's instructions as trees: each with the instructions that compute its operands, as its
// text format folds them. `encode.ts` makes bytes of them, `print.ts` text.

/** The types of values that are used here. */
export type Type = "i32" | "i64";

/** A variable of a function; parameters come first. */
export type Local = { readonly at: number; readonly name: string; readonly type: Type };

/** What branches name: the end of a block, the beginning of a loop. */
export type Label = { readonly name: string };

/** A function that the module imports, of words. */
export type Imported = {
  readonly name: string;
  readonly parameters: number;
  readonly result: boolean;
};

/** An instruction with its operands. */
export type Instruction =
  | {
      readonly op: PlainOp;
      readonly operands: readonly Instruction[];
    }
  | { readonly op: "i32.const" | "i64.const"; readonly value: number }
  | { readonly op: "local.get"; readonly local: Local }
  | { readonly op: "local.set" | "local.tee"; readonly local: Local; readonly value: Instruction }
  /** At the address that `operands` begin with, plus `offset` bytes. */
  | {
      readonly op: MemoryOp;
      readonly offset: number;
      readonly operands: readonly Instruction[];
    }
  | {
      readonly op: "call";
      readonly callee: Imported;
      readonly operands: readonly Instruction[];
    }
  | { readonly op: "block" | "loop"; readonly label: Label; readonly body: readonly Instruction[] }
  | {
      readonly op: "if";
      readonly condition: Instruction;
      /** Of the value that both arms leave, where they leave one. */
      readonly type?: Type;
      readonly body: readonly Instruction[];
      readonly otherwise: readonly Instruction[];
    }
  | { readonly op: "br"; readonly label: Label; readonly condition?: undefined }
  | { readonly op: "br_if"; readonly label: Label; readonly condition: Instruction };

/** The codes of instructions that are nothing but their operands. */
export const plainOps = {
  "i32.eqz": 0x45,
  "i32.eq": 0x46,
  "i32.ne": 0x47,
  "i32.lt_s": 0x48,
  "i32.lt_u": 0x49,
  "i32.gt_s": 0x4a,
  "i32.gt_u": 0x4b,
  "i32.le_s": 0x4c,
  "i32.le_u": 0x4d,
  "i32.ge_s": 0x4e,
  "i32.ge_u": 0x4f,
  "i64.eqz": 0x50,
  "i64.eq": 0x51,
  "i32.add": 0x6a,
  "i32.sub": 0x6b,
  "i32.mul": 0x6c,
  "i32.and": 0x71,
  "i32.or": 0x72,
  "i32.xor": 0x73,
  "i32.shl": 0x74,
  "i32.shr_u": 0x76,
  "i64.or": 0x84,
  "i64.shl": 0x86,
  "i64.extend_i32_u": 0xad,
} as const;

/** An instruction that is nothing but its operands. */
export type PlainOp = keyof typeof plainOps;

/** The codes of instructions on memory, and by which power of two their addresses are aligned. */
export const memoryOps = {
  "i32.load": { code: 0x28, alignment: 2 },
  "i64.load": { code: 0x29, alignment: 3 },
  "i32.store": { code: 0x36, alignment: 2 },
  "i64.store": { code: 0x37, alignment: 3 },
} as const;

type MemoryOp = keyof typeof memoryOps;

/** The instruction `op` of operands; a number stands for a constant, a variable for its value. */
export function plain(op: PlainOp, ...operands: readonly Operand[]): Instruction {
  return { op, operands: operands.map(valueOf) };
}

/** What computes an operand. */
export type Operand = Instruction | Local | number;

/** The instruction that computes an operand of 32 bits. */
export function valueOf(operand: Operand): Instruction {
  if (typeof operand === "number") return { op: "i32.const", value: operand };
  return "op" in operand ? operand : { op: "local.get", local: operand };
}

/** The sum of 32-bit operands. */
export function add(left: Operand, right: Operand): Instruction {
  return plain("i32.add", left, right);
}

/** An operand shifted to the left: by 2 it is the offset of a word in bytes. */
export function shifted(operand: Operand, by: number): Instruction {
  return plain("i32.shl", operand, by);
}

/** The word at an address plus `offset` bytes. */
export function load(address: Operand, offset = 0): Instruction {
  return { op: "i32.load", offset, operands: [valueOf(address)] };
}

/** Puts a word at an address plus `offset` bytes. */
export function store(address: Operand, value: Operand, offset = 0): Instruction {
  return { op: "i32.store", offset, operands: [valueOf(address), valueOf(value)] };
}

/** The word at a place of an array that begins at an address. */
export function element(array: Operand, at: Operand): Instruction {
  return load(add(array, shifted(at, 2)));
}

/** The call of an imported function. */
export function call(callee: Imported, ...operands: readonly Operand[]): Instruction {
  return { op: "call", callee, operands: operands.map(valueOf) };
}
