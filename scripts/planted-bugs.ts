import type { Mutant } from "./mutant.ts";
import { cleaningMutants } from "./mutants-cleaning.ts";
import { memberMutants } from "./mutants-members.ts";
import { nodeMutants } from "./mutants-node.ts";
import { orderedMutants } from "./mutants-ordered.ts";
import { partsMutants } from "./mutants-parts.ts";
import { runtimeMutants } from "./mutants-runtime.ts";

/** All bugs that `npm run mutants` plants. */
export const plantedBugs: readonly Mutant[] = [
  ...[...nodeMutants, ...memberMutants, ...partsMutants],
  ...[...cleaningMutants, ...orderedMutants, ...runtimeMutants],
];
