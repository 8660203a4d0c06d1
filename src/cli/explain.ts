import { dumpProgram } from "../analysis/dump.ts";
import { emit } from "../codegen/emit.ts";
import { wasmListing } from "../codegen/wasm/listing.ts";
import { Database } from "../engine/database.ts";
import { evaluate } from "../engine/evaluate.ts";
import { dump } from "../plan/dump.ts";
import type { CompiledProgram } from "../compile.ts";
import type { Plan, StratumPlan } from "../plan/plan.ts";
import type { Implementations } from "../value/user-functor.ts";
import { channelsOf } from "./channels.ts";
import { CommandError, exitCodes, type ExitCode } from "./exit.ts";
import { explainNetwork } from "./explain-network.ts";
import { explainTransactions } from "./explain-transactions.ts";
import type { Host } from "./host.ts";
import { readInputs } from "./inputs.ts";
import { runnableProgram, type ProgramOptions } from "./program.ts";
import { plansOfUnknownSizes, show, type Shown } from "./show.ts";

/** The options of `calm explain`. */
export type ExplainOptions = ProgramOptions & {
  readonly strata?: boolean;
  readonly plan?: boolean;
  readonly code?: boolean;
  readonly wasm?: boolean;
  readonly network?: boolean;
  readonly transactions?: boolean;
  readonly nodes?: number;
  readonly format?: "text" | "json";
  readonly show?: readonly Shown[];
  readonly factDir?: string;
  /** The module that implements the program's functors. */
  readonly functors?: string;
};

/** Prints how a program is evaluated. With facts, the program is run, so that every stratum is
 * shown as it was planned for the sizes that it met. */
export async function explain(
  file: string,
  options: ExplainOptions,
  functors: Implementations,
  host: Host,
): Promise<ExitCode> {
  const { strata, plan, code, wasm, network, transactions } = options;
  const chosen = [strata, plan, code, wasm, network, transactions, options.show].filter(
    Boolean,
  ).length;
  if (chosen > 1) {
    const message =
      "--strata, --plan, --code, --wasm, --network, --transactions and --show exclude each other";
    throw new CommandError(exitCodes.usage, message);
  }
  if (network !== true && options.nodes !== undefined)
    throw new CommandError(exitCodes.usage, "--nodes goes with --network");
  if (network !== true && transactions !== true && options.format !== undefined)
    throw new CommandError(exitCodes.usage, "--format goes with --network and --transactions");
  if (network === true) return explainNetwork(file, options, host);
  if (transactions === true) return explainTransactions(file, options, host);
  if (options.show !== undefined) return show(options.show, file, options, host);
  const { compiled } = runnableProgram(file, options, host);
  if (compiled === undefined) return exitCodes.problem;
  if (options.strata === true) {
    host.stdout.write(dumpProgram(compiled.program));
    return exitCodes.ok;
  }
  const plans =
    options.factDir === undefined
      ? plansOfUnknownSizes(compiled)
      : await plansOfFacts(compiled, options.factDir, functors, host);
  if (plans === undefined) return exitCodes.problem;
  const form = code === true ? emit : wasm === true ? wasmListing : dump;
  host.stdout.write(plans.map((one) => form(one)).join("\n"));
  return exitCodes.ok;
}

async function plansOfFacts(
  compiled: CompiledProgram,
  factDir: string,
  functors: Implementations,
  host: Host,
): Promise<StratumPlan[] | undefined> {
  const made: StratumPlan[] = [];
  const plan = {
    ...compiled.plan,
    stratum: (...known: Parameters<Plan["stratum"]>): StratumPlan => {
      const stratum = compiled.plan.stratum(...known);
      made.push(stratum);
      return stratum;
    },
  };
  const database = new Database(plan);
  const { inputs } = channelsOf(compiled.program);
  const settings = { factDir, missingIsEmpty: false };
  if (!(await readInputs(inputs, database, settings, host))) return undefined;
  evaluate(plan, database, { functors });
  return made;
}
