// The conditions of `#if` and `#elif`: integer expressions as in C, 64 bits wide.

/** What a condition is: a value, or what is wrong with it. */
export type Condition =
  | { readonly kind: "value"; readonly value: bigint }
  | { readonly kind: "problem"; readonly message: string };

/** The binary operators, loosest first. */
const levels: readonly (readonly string[])[] = [
  ["||"],
  ["&&"],
  ["|"],
  ["^"],
  ["&"],
  ["==", "!="],
  ["<", "<=", ">", ">="],
  ["<<", ">>"],
  ["+", "-"],
  ["*", "/", "%"],
];

const depthMax = 100;

class Problem extends Error {}

/** Returns the value of a condition in which macros and `defined` are already replaced. Names that
 * are left are 0. */
export function evaluated(text: string): Condition {
  const reader = new Reader(text);
  try {
    const value = reader.choice();
    reader.end();
    return { kind: "value", value };
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    return { kind: "problem", message: problem.message };
  }
}

class Reader {
  private readonly tokens: readonly string[];
  private at = 0;
  private depth = 0;
  /** Above 0 where the value does not count: `0 && 1 / 0` is 0. */
  private idle = 0;

  constructor(text: string) {
    this.tokens = text.match(/\w+|\|\||&&|[=!<>]=|<<|>>|[^\s]/g) ?? [];
  }

  /** choice: binary ("?" choice ":" choice)? */
  choice(): bigint {
    this.depth += 1;
    if (this.depth > depthMax) throw new Problem("the condition nests too deep");
    const condition = this.binary(0);
    if (!this.take("?")) {
      this.depth -= 1;
      return condition;
    }
    const yes = this.skipping(condition === 0n, () => this.choice());
    if (!this.take(":")) throw new Problem('expected ":" in the condition');
    const no = this.skipping(condition !== 0n, () => this.choice());
    this.depth -= 1;
    return condition !== 0n ? yes : no;
  }

  end(): void {
    const rest = this.tokens[this.at];
    if (rest !== undefined) throw new Problem(`unexpected "${rest}" in the condition`);
  }

  private binary(level: number): bigint {
    const operators = levels[level];
    if (operators === undefined) return this.unary();
    let left = this.binary(level + 1);
    for (;;) {
      const operator = this.tokens[this.at];
      if (operator === undefined || !operators.includes(operator)) return left;
      this.at += 1;
      const decided = (operator === "||" && left !== 0n) || (operator === "&&" && left === 0n);
      const right = this.skipping(decided, () => this.binary(level + 1));
      left = BigInt.asIntN(64, this.combined(operator, left, right));
    }
  }

  private combined(operator: string, left: bigint, right: bigint): bigint {
    if ((operator === "/" || operator === "%") && right === 0n) {
      if (this.idle > 0) return 0n;
      throw new Problem("the condition divides by zero");
    }
    switch (operator) {
      case "||":
        return BigInt(left !== 0n || right !== 0n);
      case "&&":
        return BigInt(left !== 0n && right !== 0n);
      case "|":
        return left | right;
      case "^":
        return left ^ right;
      case "&":
        return left & right;
      case "==":
        return BigInt(left === right);
      case "!=":
        return BigInt(left !== right);
      case "<":
        return BigInt(left < right);
      case "<=":
        return BigInt(left <= right);
      case ">":
        return BigInt(left > right);
      case ">=":
        return BigInt(left >= right);
      case "<<":
        return left << (right & 63n);
      case ">>":
        return left >> (right & 63n);
      case "+":
        return left + right;
      case "-":
        return left - right;
      case "*":
        return left * right;
      case "/":
        return left / right;
      default:
        return left % right;
    }
  }

  private unary(): bigint {
    this.depth += 1;
    if (this.depth > depthMax) throw new Problem("the condition nests too deep");
    const value = this.prefixed();
    this.depth -= 1;
    return value;
  }

  private prefixed(): bigint {
    const token = this.tokens[this.at];
    this.at += 1;
    if (token === "!") return BigInt(this.unary() === 0n);
    if (token === "-") return -this.unary();
    if (token === "+") return this.unary();
    if (token === "~") return ~this.unary();
    if (token === "(") {
      const value = this.choice();
      if (!this.take(")")) throw new Problem('expected ")" in the condition');
      return value;
    }
    if (token === undefined) throw new Problem("the condition ends too early");
    if (/^[A-Za-z_]/.test(token)) return 0n;
    const number = /^(0[xX][\da-fA-F]+|0[bB][01]+|\d+)[uUlL]*$/.exec(token)?.[1];
    if (number === undefined) throw new Problem(`unexpected "${token}" in the condition`);
    return BigInt(number);
  }

  private take(token: string): boolean {
    if (this.tokens[this.at] !== token) return false;
    this.at += 1;
    return true;
  }

  private skipping(idle: boolean, read: () => bigint): bigint {
    if (idle) this.idle += 1;
    const value = read();
    if (idle) this.idle -= 1;
    return value;
  }
}
