// One WebAssembly function in the making: its variables, its blocks, what it imports, and what it
// is given in its frame.
import { assert } from "../../base/assert.ts";
import { fieldName, type Field } from "./field.ts";
import {
  call,
  load,
  store,
  valueOf,
  type Imported,
  type Instruction,
  type Label,
  type Local,
  type Operand,
  type Type,
} from "./instruction.ts";

/** The body of a function while it is written. Its parameters are the rows [from, to) of the first
 * scan, and the address of the frame: the words of its fields, which are variables in the body. */
export class Body {
  readonly locals: Local[] = [];
  readonly imports: Imported[] = [];
  readonly fields: Field[] = [];
  readonly from = this.local("from");
  readonly to = this.local("to");
  readonly frame = this.local("frame");
  /** Where a row that does not match goes. */
  next: Label | undefined;
  private readonly fieldLocals = new Map<string, Local>();
  /** What is open, the innermost last. */
  private readonly open: Instruction[][] = [[]];

  /** A new variable. */
  local(name: string, type: Type = "i32"): Local {
    const local = { at: this.locals.length, name: `${name}_${this.locals.length}`, type };
    this.locals.push(local);
    return local;
  }

  /** Writes an instruction. */
  write(instruction: Instruction): void {
    this.open.at(-1)!.push(instruction);
  }

  /** Writes that a variable gets a value. */
  set(local: Local, value: Operand): void {
    this.write({ op: "local.set", local, value: valueOf(value) });
  }

  /** Writes that a new variable gets a value; returns it. */
  keep(name: string, value: Operand): Local {
    const { type } = typed(value);
    const local = this.local(name, type);
    this.set(local, value);
    return local;
  }

  /** Writes a block, whose label leads behind it. */
  block(name: string, write: (label: Label) => void): void {
    this.labelled("block", name, write);
  }

  /** Writes a loop, whose label leads to its beginning. */
  loop(name: string, write: (label: Label) => void): void {
    this.labelled("loop", name, write);
  }

  /** Writes what happens where a condition holds, or does not. */
  when(condition: Instruction, write: () => void, otherwise?: () => void): void {
    const body = this.within(write);
    const other = otherwise === undefined ? [] : this.within(otherwise);
    this.write({ op: "if", condition, body, otherwise: other });
  }

  /** Writes a branch. */
  branch(label: Label): void {
    this.write({ op: "br", label });
  }

  /** Writes a branch where a condition holds. */
  branchIf(label: Label, condition: Operand): void {
    this.write({ op: "br_if", label, condition: valueOf(condition) });
  }

  /** Writes that a row which does not match is left. */
  nextIf(condition: Instruction): void {
    assert(this.next !== undefined, "what is left is in a loop");
    this.branchIf(this.next, condition);
  }

  /** Writes what happens for one row, after which `next` leads to the one that follows. */
  row(write: () => void): void {
    const outer = this.next;
    this.block("next", (label) => {
      this.next = label;
      write();
    });
    this.next = outer;
  }

  /** The variable of a field; the same for the same field. */
  field(field: Field): Local {
    const name = fieldName(field);
    let local = this.fieldLocals.get(name);
    if (local === undefined) {
      local = this.local(name);
      this.fieldLocals.set(name, local);
      this.fields.push(field);
    }
    return local;
  }

  /** The instructions that give the variables of the fields so far what the frame says. */
  fetched(which: (field: Field) => boolean = () => true): readonly Instruction[] {
    return this.fields.flatMap((field, at): Instruction[] => {
      if (!which(field)) return [];
      const local = this.fieldLocals.get(fieldName(field))!;
      return [{ op: "local.set", local, value: load(this.frame, 4 * at) }];
    });
  }

  /** The instruction that writes the value of a field's variable into the frame. */
  saved(field: Field): Instruction {
    const local = this.field(field);
    const at = this.fields.findIndex((one) => fieldName(one) === fieldName(field));
    return store(this.frame, local, 4 * at);
  }

  /** The call of an imported function. */
  call(name: string, operands: readonly Operand[], result: boolean): Instruction {
    let imported = this.imports.find((one) => one.name === name);
    if (imported === undefined) {
      imported = { name, parameters: operands.length, result };
      this.imports.push(imported);
    }
    return call(imported, ...operands);
  }

  /** What is written so far. */
  get instructions(): readonly Instruction[] {
    return this.open[0]!;
  }

  private labelled(op: "block" | "loop", name: string, write: (label: Label) => void): void {
    const label = { name };
    const body = this.within(() => write(label));
    this.write({ op, label, body });
  }

  private within(write: () => void): Instruction[] {
    const body: Instruction[] = [];
    this.open.push(body);
    write();
    this.open.pop();
    return body;
  }
}

/** The type of an operand. */
function typed(operand: Operand): { readonly type: Type } {
  const { op, ...rest } = valueOf(operand);
  if (op === "local.get" && "local" in rest) return { type: rest.local.type };
  const comparison = /^i64\.eqz?$/.test(op);
  return { type: op.startsWith("i64.") && !comparison ? "i64" : "i32" };
}
