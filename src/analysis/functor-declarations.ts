// From the `.functor` declarations of a text to the functors that its rules may call.
import type { Span } from "../base/source.ts";
import { suggest } from "../base/suggest.ts";
import type { FunctorDeclarationNode, ItemNode, NameNode } from "../syntax/tree.ts";
import type { UserFunctor } from "../value/user-functor.ts";
import type { Findings } from "./findings.ts";
import type { CalledFunctor } from "./program.ts";
import type { TypeNames } from "./type-declarations.ts";
import type { DeclaredType } from "./type-system.ts";

/** A functor while its program is analysed. */
export type DeclaredFunctor = {
  readonly name: string;
  readonly parameters: readonly DeclaredType[];
  readonly result: DeclaredType;
  readonly stateful: boolean;
  /** The place of its name. */
  readonly span: Span;
  called: boolean;
  mentioned: boolean;
};

/** The functors that a text declares, by name. */
export class FunctorNames {
  private readonly functors = new Map<string, DeclaredFunctor>();
  private readonly findings: Findings;

  constructor(items: readonly ItemNode[], types: TypeNames, findings: Findings) {
    this.findings = findings;
    for (const item of items) if (item.kind === "functor") this.declare(item, types);
  }

  /** Returns the functor of this name, which is now called; reports one that is not declared. */
  call(name: NameNode): DeclaredFunctor | undefined {
    const found = this.find(name);
    if (found !== undefined) found.called = true;
    return found;
  }

  /** Returns the functor of this name, which is now mentioned; reports one not declared. */
  find({ text, span }: NameNode): DeclaredFunctor | undefined {
    const found = this.functors.get(text);
    if (found !== undefined) {
      found.mentioned = true;
      return found;
    }
    const near = suggest(text, [...this.functors.keys()]);
    this.findings.error("unknown-functor", `functor "@${text}" is not declared`, span, {
      label: "not declared",
      hint:
        near === undefined
          ? `declare it: \`.functor ${text}(x: number): number\``
          : `did you mean @${near}?`,
    });
    return undefined;
  }

  /** Whether a functor of this name is declared. */
  has(name: string): boolean {
    return this.functors.has(name);
  }

  /** Returns the functor of this name, if it is declared. */
  declared(name: string): DeclaredFunctor | undefined {
    return this.functors.get(name);
  }

  /** The functors that are called. Warns of the others. */
  called(): CalledFunctor[] {
    return [...this.functors.values()].flatMap((functor) => {
      if (functor.called) return [{ ...signature(functor), span: functor.span }];
      if (functor.mentioned) return [];
      const message = `functor "${functor.name}" is declared and never called`;
      this.findings.warning("unused-functor", message, functor.span);
      return [];
    });
  }

  private declare(node: FunctorDeclarationNode, types: TypeNames): void {
    const { text: name, span } = node.name;
    const earlier = this.functors.get(name);
    if (earlier !== undefined) {
      this.findings.error("duplicate-functor", `functor "${name}" is declared twice`, span, {
        label: "declared again",
        related: [{ span: earlier.span, text: "declared here" }],
      });
      return;
    }
    this.functors.set(name, {
      name,
      parameters: node.parameters.map(({ type }) => types.type(type)),
      result: types.type(node.result),
      stateful: node.stateful,
      span,
      called: false,
      mentioned: false,
    });
  }
}

/** Returns what the later stages know of a functor. */
export function signature({ name, parameters, result, stateful }: DeclaredFunctor): UserFunctor {
  return {
    name,
    parameters: parameters.map(({ kind }) => kind ?? "number"),
    result: result.kind ?? "number",
    stateful,
  };
}
