/** Why what fits a goal holds at a node; or, where that was asked, why one tuple does not. */
export type Explanation = {
  readonly goal: string;
  readonly holds: boolean;
  readonly proofs: readonly ExplainedProof[];
  /** `shown` is for people. */
  readonly absence?: { readonly tuple: string; readonly shown: string };
};

/** A proof as a table of its nodes: what is used twice is there once. */
export type ExplainedProof = {
  readonly tuple: string;
  /** The place of the node of the tuple. */
  readonly root: number;
  readonly nodes: readonly ExplainedNode[];
};

/** A node of a proof. */
export type ExplainedNode = {
  /** What its last step is: `rule`, `given`, `cut`, `absent`, … */
  readonly kind: string;
  readonly text: string;
  /** What is said of it. */
  readonly beside: string;
  /** Of what is given: the dot of the input, or the message of a peer that brought it. */
  readonly source?: {
    readonly kind: "fact" | "message";
    readonly origin: string;
    readonly number: number;
  };
  /** The places of what it rests on. */
  readonly premises?: readonly number[];
};
