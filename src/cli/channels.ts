// What a program says about its input and output, as files and streams to open.
import type { Diagnostic } from "../base/diagnostic.ts";
import type { Span } from "../base/source.ts";
import type { Program } from "../analysis/program.ts";
import {
  inputOptions,
  outputOptions,
  type InputOptions,
  type OutputOptions,
} from "../io/parameters.ts";

/** The directives of a program: for each the place of its relation, and what it says. */
export type Channels = {
  readonly inputs: readonly Channel<InputOptions>[];
  readonly outputs: readonly Channel<OutputOptions>[];
  readonly diagnostics: readonly Diagnostic[];
};

/** One directive for one relation. */
export type Channel<T> = { readonly relation: number; readonly options: T; readonly span: Span };

/** Returns the channels of `program`, in the order of its directives, with what is wrong. */
export function channelsOf(program: Program): Channels {
  const inputs: Channel<InputOptions>[] = [];
  const outputs: Channel<OutputOptions>[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const directive of program.directives) {
    const { relation, span, word } = directive;
    const schema = program.relations[relation];
    if (schema === undefined) continue;
    if (word === "input") {
      const { options, diagnostics: found } = inputOptions(directive, schema);
      diagnostics.push(...found);
      if (options === undefined) continue;
      const first = inputs.find((input) => input.options.channel === "stdin");
      if (options.channel === "stdin" && first !== undefined)
        diagnostics.push(secondStdin(schema.name, first.span, span));
      inputs.push({ relation, options, span });
    } else {
      const { options, diagnostics: found } = outputOptions(directive, schema);
      diagnostics.push(...found);
      if (options !== undefined) outputs.push({ relation, options, span });
    }
  }
  return { inputs, outputs, diagnostics };
}

function secondStdin(name: string, first: Span, span: Span): Diagnostic {
  return {
    severity: "warning",
    code: "useless-input",
    message: `relation "${name}" finds nothing on the standard input, which is read before`,
    span,
    related: [{ span: first, text: "read to its end here" }],
  };
}
