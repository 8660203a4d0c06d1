/** What can be declared of a lattice. */
export type Member = "Lub" | "Glb" | "Leq" | "Bottom" | "Top";

/** An element: any one, a bound, or what an operation makes of two. */
export type Element =
  | "a"
  | "b"
  | "c"
  | "Bottom"
  | "Top"
  | readonly [operation: "Lub" | "Glb", left: Element, right: Element];

/** A side of a law: an element, or whether something is so of two. */
export type Side = Element | readonly [test: "Leq" | "=", left: Element, right: Element];

/** A law of lattices: for all elements a, b and c its two sides are the same. */
export type LatticeLaw = {
  /** What is said of a lattice that breaks it. */
  readonly broken: string;
  readonly sides: readonly [Side, Side];
  /** What to do about it. */
  readonly hint: string;
};

const orderOfJoins = "the result depends on the order in which values are joined";

/** The laws, those that evaluation relies on first. That `Lub` gives the *least* of the elements
 * above two is so by itself in the order that it defines: a is below b where it makes b of both. */
export const latticeLaws: readonly LatticeLaw[] = [
  {
    broken: "is not idempotent",
    sides: [["Lub", "a", "a"], "a"],
    hint: "a value that is derived or delivered twice becomes another: have `Lub` give it back",
  },
  {
    broken: "is not commutative",
    sides: [
      ["Lub", "a", "b"],
      ["Lub", "b", "a"],
    ],
    hint: `${orderOfJoins}: have \`Lub\` treat both alike`,
  },
  {
    broken: "is not associative",
    sides: [
      ["Lub", ["Lub", "a", "b"], "c"],
      ["Lub", "a", ["Lub", "b", "c"]],
    ],
    hint: `${orderOfJoins}: have \`Lub\` lose nothing that a further value needs`,
  },
  {
    broken: "has a `Leq` that does not agree with its `Lub`",
    sides: [
      ["Leq", "a", "b"],
      ["=", ["Lub", "a", "b"], "b"],
    ],
    hint: "a is below b, or is it, exactly where `Lub` makes b of both",
  },
  {
    broken: "has a `Bottom` that is not below all",
    sides: [["Lub", "Bottom", "a"], "a"],
    hint: "joining `Bottom` with an element gives that element",
  },
  {
    broken: "has a `Top` that is not above all",
    sides: [["Lub", "Top", "a"], "Top"],
    hint: "joining `Top` with an element gives `Top`",
  },
  {
    broken: "has a `Glb` that is not commutative",
    sides: [
      ["Glb", "a", "b"],
      ["Glb", "b", "a"],
    ],
    hint: "have `Glb` treat both alike",
  },
  {
    broken: "has a `Glb` that is not associative",
    sides: [
      ["Glb", ["Glb", "a", "b"], "c"],
      ["Glb", "a", ["Glb", "b", "c"]],
    ],
    hint: "`Glb` gives the greatest element below both",
  },
  {
    broken: "has a `Glb` that is not dual to its `Lub`",
    sides: [["Glb", "a", ["Lub", "a", "b"]], "a"],
    hint: "of two elements of which one is below the other, `Glb` gives that one",
  },
  {
    broken: "has a `Glb` that is not dual to its `Lub`",
    sides: [["Lub", "a", ["Glb", "a", "b"]], "a"],
    hint: "`Glb` gives an element below both",
  },
];

/** Returns a side as it is written. */
export function sideText(side: Side): string {
  if (typeof side === "string") return side;
  const [name, left, right] = side;
  if (name === "=") return `${sideText(left)} = ${sideText(right)}`;
  return `${name}(${sideText(left)}, ${sideText(right)})`;
}

/** Returns all that stands in a law: members and elements. */
export function namesIn({ sides }: LatticeLaw): ReadonlySet<string> {
  const names = new Set<string>();
  const visit = (side: Side): void => {
    if (typeof side === "string") names.add(side);
    else {
      const [name, left, right] = side;
      names.add(name);
      visit(left);
      visit(right);
    }
  };
  for (const side of sides) visit(side);
  return names;
}
