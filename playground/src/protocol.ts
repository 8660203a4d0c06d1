// What the page and its workers say to each other: values that can be cloned, and no more. The page
// asks, a worker answers; `Calls` maps the name of a call to what it takes and gives.
import type { Level, PointKind } from "../../src/analysis/levels.ts";
import type { Reading } from "../../src/cli/graph/model.ts";
import type { Outline } from "../../src/provenance/outline.ts";
import type { Severity } from "../../src/base/diagnostic.ts";
import type {
  NetworkAction,
  NetworkRefusal,
  NetworkSetup,
  NetworkView,
} from "./network-protocol.ts";
import type { StorePlay, StoreView } from "./store-protocol.ts";
import { legend } from "../../src/lsp/name-tokens.ts";

/** The texts of a project by their names, and which of them is the program. Others are included by
 * it, or hold facts. */
export type Project = {
  readonly main: string;
  readonly files: Readonly<Record<string, string>>;
};

/** A place in a file: UTF-16 offsets. */
export type Place = { readonly file: string; readonly start: number; readonly end: number };

/** A place with a few words about it. */
export type PlaceLabel = Place & { readonly text: string };

/** One finding, as it is listed. */
export type Finding = Place & {
  readonly severity: Severity;
  readonly code: string;
  readonly message: string;
  readonly label?: string;
  readonly hint?: string;
  readonly notes: readonly string[];
  readonly related: readonly PlaceLabel[];
  /** The way from a cause to what it affects. */
  readonly flow: readonly PlaceLabel[];
};

/** A text in place of another. */
export type TextEdit = Place & { readonly text: string };

/** A way to settle a finding. */
export type QuickFix = {
  readonly title: string;
  readonly edits: readonly TextEdit[];
  readonly preferred: boolean;
};

/** How a file of facts is read. */
export type FactFile = {
  readonly name: string;
  /** Rows of `csv` are edited as a grid; other text is not rows of the relation's columns. */
  readonly kind: "csv" | "json" | "sqlite" | "other";
  /** What separates columns, whether they may be quoted, and whether the first row names them. */
  readonly delimiter: string;
  readonly quoted: boolean;
  readonly headers: boolean;
  /** Whether tuples are JSON objects. */
  readonly objects: boolean;
};

/** What is known of a relation before anything is evaluated. */
export type RelationInfo = {
  readonly name: string;
  readonly attributes: readonly { readonly name: string; readonly type: string }[];
  readonly level: Level;
  /** Whether no tuple of it is ever withdrawn. */
  readonly final: boolean;
  readonly networkDependent: boolean;
  readonly output: boolean;
  readonly snapshot: boolean;
  /** Where its facts are read from, if it is an input. */
  readonly facts?: FactFile;
  /** The places in `Checked.points` of all that keep it from being monotone. */
  readonly points: readonly number[];
  readonly place: Place;
};

/** A place that keeps relations from being monotone. */
export type Point = Place & {
  readonly kind: PointKind;
  readonly relation: string;
  readonly reads?: string;
  readonly level: Level;
  readonly message: string;
  readonly hint?: string;
};

/** The kinds of pieces that a text consists of: names, as `name-tokens.ts` has them, then others. */
export const tokenKinds = [
  ...legend.tokenTypes,
  ...["comment", "string", "number", "directive", "keyword", "operator", "negation"],
];

/** A piece of a text, as it is coloured: the place of its kind in `tokenKinds`, and whether it is a
 * name that is declared or derived here. */
export type Token = readonly [start: number, end: number, kind: number, defined: boolean];

/** What the checker says of a project. */
export type Checked = {
  readonly findings: readonly Finding[];
  /** Whether it can be run. */
  readonly runs: boolean;
  /** Whether it speaks of other steps or nodes. */
  readonly network: boolean;
  readonly transactions: readonly string[];
  readonly relations: readonly RelationInfo[];
  readonly points: readonly Point[];
  readonly ms: number;
};

/** One proposal of how a word goes on. */
export type Proposal = {
  readonly label: string;
  readonly kind: string;
  readonly detail?: string;
  readonly documentation?: string;
  /** What is inserted, with `$1`, `$2`, … where the cursor goes. */
  readonly insert?: string;
  readonly rank?: string;
};

/** What the cursor rests on, in Markdown. */
export type Said = Place & { readonly markdown: string };

/** How long and how far a program may run. */
export type RunLimits = {
  readonly seconds: number;
  readonly tuples: number;
  /** Of a program that speaks of other steps. */
  readonly steps: number;
};

/** One relation after a run. */
export type RelationResult = {
  readonly name: string;
  readonly attributes: readonly {
    readonly name: string;
    readonly type: string;
    readonly numeric: boolean;
  }[];
  readonly size: number;
  readonly output: boolean;
  readonly input: boolean;
  readonly bytes: number;
};

/** What a run came to. */
export type RunResult = {
  readonly findings: readonly Finding[];
  /** What is wrong with files of facts. */
  readonly dataErrors: readonly {
    readonly file: string;
    readonly line: number;
    readonly message: string;
    readonly hint?: string;
  }[];
  readonly complete: boolean;
  readonly relations: readonly RelationResult[];
  readonly expectations: number;
  readonly derived: number;
  readonly ms: {
    readonly compile: number;
    readonly load: number;
    readonly evaluate: number;
  };
};

/** How rows are picked. */
export type RowQuery = {
  readonly relation: string;
  /** The column to sort by; value order of whole rows unless given. */
  readonly sort?: { readonly column: number; readonly descending: boolean };
  /** Rows with a cell that contains this text, whatever the case. */
  readonly filter: string;
  readonly from: number;
  readonly count: number;
};

/** A page of rows: `rows[i]` are the texts of row `from + i`; `ids` name them to `why`. */
export type RowPage = {
  readonly total: number;
  readonly from: number;
  readonly rows: readonly (readonly string[])[];
  readonly ids: readonly number[];
};

/** How one stratum was evaluated. */
export type StratumProfile = {
  readonly relations: readonly string[];
  readonly rounds: number;
  readonly derived: number;
  readonly ms: number;
  /** The plan, as `calm explain` prints it; absent where the stratum was not reached. */
  readonly plan?: string;
  /** The code that was generated from it. */
  readonly code?: string;
};

/** What one variant of a rule took. */
export type RuleProfile = Place & {
  readonly text: string;
  /** The atom that reads the delta, if one does. */
  readonly deltaAt?: number;
  readonly runs: number;
  readonly derived: number;
  readonly ms: number;
};

/** How a run was evaluated. */
export type Profile = {
  readonly strata: readonly StratumProfile[];
  /** The dearest first. */
  readonly rules: readonly RuleProfile[];
  readonly bytes: number;
};

/** What is derived from what. */
export type GraphView = {
  readonly vertices: readonly {
    readonly name: string;
    readonly level: Level;
    readonly input: boolean;
    readonly output: boolean;
    readonly snapshot: boolean;
    readonly stratum: number;
  }[];
  readonly edges: readonly {
    readonly from: string;
    readonly to: string;
    readonly reads: Reading;
    /** In which step `to` holds, if it is not this one. */
    readonly when?: "next" | "later";
    /** The place in `Checked.points` of why it is not monotone. */
    readonly point?: number;
  }[];
  /** The strata whose relations depend on each other. */
  readonly recursive: readonly number[];
};

/** Two inputs that show that a relation is not monotone; or why there are none. */
export type WitnessView =
  | {
      readonly before: readonly string[];
      readonly added: readonly string[];
      readonly withdrawn: readonly string[];
      readonly answerBefore: readonly string[];
      readonly answerAfter: readonly string[];
    }
  | { readonly none: string };

/** Why a tuple holds, or does not; or why that cannot be said. */
export type Explained =
  { readonly proof: Outline } | { readonly absence: string } | { readonly refused: string };

/** The forms in which a relation can be had. */
export type DownloadFormat = "csv" | "tsv" | "json" | "markdown";

/** A place in a text where the cursor is. */
export type Cursor = { readonly file: string; readonly offset: number };

/** What a worker can be asked. */
export type Calls = {
  // of the language
  check(project: Project): Checked;
  tokens(file: { readonly name: string; readonly text: string }): readonly Token[];
  complete(at: Cursor & { readonly typed?: string }): readonly Proposal[];
  hover(at: Cursor): Said | undefined;
  definition(at: Cursor): Place | undefined;
  fixes(finding: number): readonly QuickFix[];
  format(file: { readonly name: string; readonly text: string }): string | undefined;
  // of evaluation
  run(what: { readonly project: Project; readonly limits: RunLimits }): RunResult;
  rows(query: RowQuery): RowPage;
  profile(nothing: undefined): Profile;
  /** A row as a program writes it: `path(1, 4)`. */
  rowText(what: { readonly relation: string; readonly row: number }): string;
  // of explanations
  graph(project: Project): GraphView;
  witness(what: { readonly project: Project; readonly relation: string }): WitnessView;
  why(what: { readonly project: Project; readonly goal: string }): Explained;
  whyNot(what: { readonly project: Project; readonly goal: string }): Explained;
  // of the simulated network
  networkBegin(setup: NetworkSetup): NetworkView | NetworkRefusal;
  /** Lets things happen, one after the other, after a step. */
  networkAct(what: {
    readonly at: number;
    readonly actions: readonly NetworkAction[];
  }): NetworkView;
  networkView(at: number): NetworkView;
  // of the simulated store
  /** What three nodes have come to after all this was done, from the beginning. */
  storePlay(what: StorePlay): StoreView;
  download(what: { readonly relation: string; readonly format: DownloadFormat }): string;
};

/** The name of something a worker can be asked. */
export type CallName = keyof Calls;

/** What something takes. */
export type Asked<Name extends CallName> = Parameters<Calls[Name]>[0];

/** What it gives. */
export type Given<Name extends CallName> = ReturnType<Calls[Name]>;

/** From the page to a worker. */
export type Request = { readonly id: number; readonly name: CallName; readonly asked: unknown };

/** From a worker to the page: an answer, or how far it is. */
export type Reply =
  | { readonly id: number; readonly given: unknown }
  | { readonly id: number; readonly failed: string }
  | { readonly id: number; readonly progress: string };
