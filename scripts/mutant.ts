/** A planted bug: in each of the files one text takes the place of another, which is there once. */
export type Mutant = {
  readonly name: string;
  readonly patches: readonly Patch[];
  /** What has to notice it: the simulation of all programs, of one, or these tests. */
  readonly noticedBy: Noticing;
};

type Patch = { readonly file: string; readonly from: string; readonly to: string };

/** What runs on a copy of the sources with a planted bug. */
export type Noticing =
  | { readonly kind: "simulation"; readonly program?: string; readonly file?: never }
  | { readonly kind: "tests"; readonly file: string; readonly program?: never };

/** Returns a bug that the simulation has to notice. */
export function simulated(name: string, ...patches: readonly Replaced[]): Mutant {
  return { name, patches: patches.map(patchOf), noticedBy: { kind: "simulation" } };
}

/** Returns a bug that the simulation of one program has to notice. */
export function simulatedIn(
  program: string,
  name: string,
  ...patches: readonly Replaced[]
): Mutant {
  return { name, patches: patches.map(patchOf), noticedBy: { kind: "simulation", program } };
}

/** Returns a bug that the tests in a file have to notice. */
export function tested(file: string, name: string, ...patches: readonly Replaced[]): Mutant {
  return { name, patches: patches.map(patchOf), noticedBy: { kind: "tests", file } };
}

type Replaced = readonly [file: string, from: string, to: string];

function patchOf([file, from, to]: Replaced): Patch {
  return { file, from, to };
}
