// What `calm test` found, as one value: every format prints from it, none of them looks elsewhere.
import type { Diagnostic } from "../../base/diagnostic.ts";

/** The results of all tests, in the order in which they ran. */
export type TestReport = {
  /** The version of this command. */
  readonly version: string;
  readonly results: readonly TestResult[];
  /** Whether a test that expects nothing has failed. */
  readonly emptyFails: boolean;
  readonly ms: number;
};

/** What came of one test: of a program as it stands, or of one of its cases. */
export type TestResult = {
  /** The path of the program. */
  readonly program: string;
  /** The name of the case; undefined of the program itself. */
  readonly name?: string;
  /** `empty`: nothing is expected of it, so that nothing was shown. */
  readonly status: "passed" | "failed" | "empty";
  /** How many expectations were held against it. */
  readonly expectations: number;
  readonly failures: readonly Failure[];
  /** The files of expectations that were rewritten. */
  readonly written: readonly string[];
  readonly ms: number;
};

/** One way in which a test did not give what was expected. */
export type Failure = FindingsFailure | RelationFailure | TextFailure | MessageFailure;

/** What is wrong with the program itself, or an `.expect` that does not hold. */
export type FindingsFailure = {
  readonly kind: "findings";
  readonly diagnostics: readonly Diagnostic[];
};

/** A relation that holds other tuples than its file says. */
export type RelationFailure = {
  readonly kind: "relation";
  readonly relation: string;
  /** The file of what is expected. */
  readonly path: string;
  readonly columns: readonly string[];
  readonly missing: number;
  readonly unexpected: number;
  /** The differences in the order of values, the first `differencesKeptMax` of them. */
  readonly differences: readonly Difference[];
};

/** A tuple on one side alone, each value as a column of a file has it. */
export type Difference = {
  readonly side: "missing" | "unexpected";
  readonly values: readonly string[];
};

/** How many differing tuples of one relation are kept for the report. */
export const differencesKeptMax = 1000;

/** A text (standard output, findings, levels) that is not the one of its file. */
export type TextFailure = {
  readonly kind: "text";
  readonly path: string;
  /** In the form of patch(1), from what is expected to what there is. */
  readonly diff: string;
};

/** What kept a test from being held against its expectations. */
export type MessageFailure = {
  readonly kind: "message";
  readonly message: string;
  readonly hint?: string;
};

/** The name under which a test is selected and reported. */
export function testName({ program, name }: Pick<TestResult, "program" | "name">): string {
  return name === undefined ? program : `${program} > ${name}`;
}

/** Whether a test fails the run. */
export function failing(
  { status }: TestResult,
  { emptyFails }: Pick<TestReport, "emptyFails">,
): boolean {
  return status === "failed" || (status === "empty" && emptyFails);
}

/** One line that says in what a test fell short. */
export function failureLine(failure: Failure): string {
  switch (failure.kind) {
    case "findings":
      return failure.diagnostics
        .map(({ severity, code, message }) => `${severity}[${code}] ${message}`)
        .join("; ");
    case "relation":
      return `relation "${failure.relation}": ${countsText(failure)}`;
    case "text":
      return `${failure.path} says otherwise`;
    case "message":
      return failure.message;
  }
}

/** `2 missing, 1 not expected`. */
export function countsText({ missing, unexpected }: RelationFailure): string {
  return [
    ...(missing === 0 ? [] : [`${String(missing)} missing`]),
    ...(unexpected === 0 ? [] : [`${String(unexpected)} not expected`]),
  ].join(", ");
}
