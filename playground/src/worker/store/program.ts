import type { Program } from "../../../../src/analysis/program.ts";
import { compiled } from "../../../../src/codegen/backend.ts";
import { growingRelations } from "../../../../src/plan/growing.ts";
import { networkProgram, saysNetwork } from "../../../../src/plan/network.ts";
import { plan } from "../../../../src/plan/program.ts";
import { type StoreRelations, storeRelations } from "../../../../src/server/kv/relations.ts";
import type { IncrementalOptions } from "../../../../src/transducer/incremental.ts";
import { understand } from "../../../../src/understand.ts";
import shipped from "../../../../programs/kv.dl?raw";
import type { Project } from "../../protocol.ts";
import type { StoreView } from "../../store-protocol.ts";

/** How far one step of a node may go. */
const stepLimits = { maxTuples: 100_000, maxRounds: 10_000 };

/** The program that the nodes of a store run. */
export type StoreProgram = {
  readonly evaluated: IncrementalOptions;
  readonly relations: StoreRelations;
  readonly kept: readonly boolean[];
  readonly rules: StoreView["rules"];
};

/** Returns a project's program where it is one that a store can run; else the shipped one. */
export function storeProgram(project: Project): StoreProgram {
  const { main, files } = project;
  const load = (path: string): string | undefined => files[path];
  const own = understand({ path: main, text: files[main] ?? "" }, { load }).program;
  const found = own && storeOf(own, "project");
  if (found !== undefined) return found;
  const { program } = understand({ path: "kv.dl", text: shipped });
  const store = program && storeOf(program, "shipped");
  if (store === undefined) throw new Error("the shipped store is a program");
  return store;
}

function storeOf(program: Program, rules: StoreView["rules"]): StoreProgram | undefined {
  const network = networkProgram(program);
  const { relations } = storeRelations({ program, network, floods: !saysNetwork(program) });
  if (relations === undefined) return undefined;
  return {
    evaluated: {
      ...{ network, plan: plan(network.step), backend: compiled, limits: stepLimits },
      grows: growingRelations(program, network),
    },
    relations,
    kept: network.roles.map(({ kept }) => kept),
    rules,
  };
}
