import { assert } from "../base/assert.ts";
import type { KeyedPlan } from "../plan/keyed.ts";
import type { ListedPlan } from "../plan/listed.ts";
import type { RulePlan } from "../plan/plan.ts";
import { sameValue } from "../value/same-value.ts";
import type { Domain } from "../value/schema.ts";
import { compareSymbols } from "../value/symbols.ts";
import { headsOf, indexNeeds, type FormedStratum } from "./access.ts";
import { accumulator } from "./accumulator.ts";
import type { Environment, RuleCode, RuleHalves, StratumCode } from "./code.ts";
import { emitted, parameters } from "./emit.ts";
import { emittedKeyed, keyedParameters } from "./emit-keyed.ts";
import { emittedListed, listedParameters } from "./emit-listed.ts";
import type { KeyedCalls, KeyedCode } from "./keyed-code.ts";
import { intersectionOf } from "./intersection.ts";
import type { ListedCalls, ListedCode } from "./listed-code.ts";
import { range } from "./range.ts";
import type { Store } from "./store.ts";
import { bound, boundHalves, type WasmFunction } from "./wasm/binding.ts";
import { choosing } from "./wasm/choice.ts";
import { encoded, functionName, memoryName, moduleName, type WasmModule } from "./wasm/module.ts";
import { obstacle, wasmHalves, wasmRule } from "./wasm/rule.ts";
import { fullName } from "./wasm/tuples.ts";

/** What is used of the platform's `WebAssembly`, which types for the language alone leave out. */
type Platform = {
  validate(bytes: Uint8Array): boolean;
  readonly Module: {
    new (bytes: Uint8Array): object;
    imports(module: object): readonly { readonly name: string }[];
  };
  readonly Instance: new (
    module: object,
    imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  ) => { readonly exports: Readonly<Record<string, unknown>> };
};
declare const WebAssembly: Platform;

/** Returns the code of a stratum as machine code in waiting: a function that binds it to an
 * environment. Rules that have met `wasmFromRows` rows go on in WebAssembly, where they can. The
 * only place where text or bytes become code (invariant 5). */
export function link(
  stratum: FormedStratum,
  wasmFromRows: number,
): (environment: Environment) => StratumCode {
  const { text, constants, aggregates, functors, intersections } = emitted(stratum);
  const body = new Function(...parameters, text) as (...bound: unknown[]) => StratumCode;
  return (environment) => {
    const { stores, classes, indexes, values, counters, tally } = environment;
    const words = constants.map(({ of, value }) => environment.constant(of, value));
    const accumulators = aggregates.map((one) => accumulator(one, environment));
    const bound: Record<(typeof parameters)[number], unknown> = {
      ...{ stores, classes, indexes, constants: words, accumulators },
      ...{ values, operations: environment.operations, counters, range, tally },
      functors: functors.map(environment.functor),
      intersections: intersections.map((sides) => intersectionOf(stratum, sides, environment)),
    };
    const code = body(...parameters.map((name) => bound[name]));
    // What is counted for a profile is counted in JavaScript.
    const stays = wasmFromRows === Infinity || environment.heap === undefined;
    if (stays || stratum.tallied === true) return code;
    const chosen = (rules: readonly RulePlan[], all: readonly RuleCode[]): readonly RuleCode[] =>
      rules.map((rule, at) => chosenCode(stratum, rule, all[at]!, environment, wasmFromRows));
    return {
      ...code,
      once: chosen(stratum.once, code.once),
      rounds: chosen(stratum.rounds, code.rounds),
    };
  };
}

/** Returns the code of a transaction that looks up rows by their keys; undefined where it would be
 * too long. */
export function linkKeyed(
  plan: KeyedPlan,
  domain: Domain,
  calls: KeyedCalls,
): KeyedCode | undefined {
  const emitted = emittedKeyed(plan, domain);
  if (emitted === undefined) return undefined;
  const { text, constants } = emitted;
  const body = new Function(...keyedParameters, text) as (...bound: unknown[]) => KeyedCode;
  const bound: Record<(typeof keyedParameters)[number], unknown> = {
    ...{ constants, calls, compare: compareSymbols, same: sameValue },
  };
  return body(...keyedParameters.map((name) => bound[name]));
}

/** Returns the code of a transaction that goes through lists; undefined where a number of the text
 * is not exact as a double. */
export function linkListed(
  plan: ListedPlan,
  domain: Domain,
  calls: ListedCalls,
): ListedCode | undefined {
  const emitted = emittedListed(plan, domain);
  if (emitted === undefined) return undefined;
  const { text, constants, indexes } = emitted;
  const body = new Function(...listedParameters, text) as (...bound: unknown[]) => ListedCode;
  const bound: Record<(typeof listedParameters)[number], unknown> = {
    ...{ constants, add: calls.add, placed: calls.placed },
    ...{ compare: compareSymbols, same: sameValue },
    indexes: indexes.map(({ relation, column }) => calls.indexed(relation, column)),
  };
  return body(...listedParameters.map((name) => bound[name]));
}

function chosenCode(
  stratum: FormedStratum,
  rule: RulePlan,
  code: RuleCode,
  environment: Environment,
  fromRows: number,
): RuleCode {
  if (obstacle(stratum, rule) !== undefined) return code;
  const heads = headsOf(rule).map((at) => environment.stores[at]!);
  const needs = indexNeeds(stratum);
  const heavy = (): RuleCode | undefined => {
    const inWasm = wasmRule(stratum, needs, rule);
    const found = bound(inWasm, environment, functionOf(inWasm.module), code);
    if (found === undefined) return undefined;
    environment.onWasm?.(rule);
    let halves: RuleHalves | undefined | null = null;
    const made = (): RuleHalves | undefined => {
      const both = wasmHalves(stratum, needs, rule);
      if (both === undefined) return undefined;
      const { gathering, putting } = both;
      return boundHalves(both, encoded(gathering.module), environment, functionOf(putting.module));
    };
    return Object.assign(found, { halves: () => (halves === null ? (halves = made()) : halves) });
  };
  const effort = environment.effort?.(rule) ?? { rows: 0 };
  return choosing(code, heavy, { fromRows, effort, rows: () => sizeOf(heads) });
}

function sizeOf(stores: readonly Store[]): number {
  let size = 0;
  for (const store of stores) size += store.size;
  return size;
}

/** Returns the function of `RuleHalves.gathering` for a thread that shares `memory`. `full` is
 * called where there is no room for a tuple more, `left` where the function needs what this thread
 * cannot do, and does not return. */
export function linkedGathering(
  bytes: Uint8Array,
  memory: object,
  { full, left }: { readonly full: () => void; readonly left: () => never },
): WasmFunction {
  const module = new WebAssembly.Module(bytes);
  const imports = WebAssembly.Module.imports(module).map(({ name }) => {
    const call = name === fullName ? full : left;
    return [name, name === memoryName ? memory : call] as const;
  });
  const instance = new WebAssembly.Instance(module, { [moduleName]: Object.fromEntries(imports) });
  return instance.exports[functionName] as WasmFunction;
}

/** Returns how a module becomes a function, or nothing where the platform allows no WebAssembly. */
function functionOf(
  module: WasmModule,
): (imports: Readonly<Record<string, unknown>>) => WasmFunction | undefined {
  return (imports) => {
    const bytes = encoded(module);
    try {
      const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), {
        [moduleName]: imports,
      });
      return instance.exports[functionName] as WasmFunction;
    } catch {
      assert(WebAssembly.validate(bytes), "what is emitted is valid");
      return undefined;
    }
  };
}
