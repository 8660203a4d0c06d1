import type { Diagnostic } from "../base/diagnostic.ts";
import type { Span } from "../base/source.ts";
import { suggest } from "../base/suggest.ts";
import type { Schema } from "../value/schema.ts";
import type { CsvFormat } from "./csv.ts";

/** What `.input`, `.output` or `.printsize` says about one relation, as it was written. */
export type DirectiveText = {
  readonly word: "input" | "output" | "printsize";
  readonly parameters: ReadonlyMap<string, string>;
  readonly span: Span;
};

/** Where facts come from. `filename` is looked for in `folder`, if that is given, else in the
 * folder for facts; an absolute one is taken as it is. `columns` is as in `CsvInput`. */
export type InputOptions = {
  readonly channel: "file" | "stdin";
  readonly filename: string;
  readonly folder: string | undefined;
  readonly format: CsvFormat;
  readonly columns: readonly number[] | undefined;
};

/** Where tuples go. `printsize` prints the name and the number of tuples alone. */
export type OutputOptions = {
  readonly channel: "file" | "stdout" | "printsize";
  readonly name: string;
  readonly filename: string;
  readonly folder: string | undefined;
  readonly format: CsvFormat;
  readonly compress: boolean;
};

/** Options, unless there is an error among the diagnostics. */
export type Options<T> = {
  readonly options: T | undefined;
  readonly diagnostics: readonly Diagnostic[];
};

const shared = ["IO", "name", "filename", "delimiter", "headers", "rfc4180"];
const keysOf = {
  input: [...shared, "columns", "fact-dir", "compress"],
  output: [...shared, "compress", "output-dir"],
  printsize: ["IO", "name"],
};
const channelsOf = { input: ["file", "stdin"], output: ["file", "stdout", "stdoutprintsize"] };
const later = ["json", "jsonfile", "sqlite"];

/** Returns what an `.input` says. */
export function inputOptions(directive: DirectiveText, schema: Schema): Options<InputOptions> {
  const reader = new ParameterReader(directive, schema);
  const channel = reader.channel(channelsOf.input);
  const name = reader.text("name") ?? schema.name;
  reader.truth("compress");
  return reader.result({
    channel: channel === "stdin" ? "stdin" : "file",
    filename: reader.text("filename") ?? `${name}.facts`,
    folder: reader.text("fact-dir"),
    format: reader.format(),
    columns: reader.columns(),
  });
}

/** Returns what an `.output` or a `.printsize` says. */
export function outputOptions(directive: DirectiveText, schema: Schema): Options<OutputOptions> {
  const reader = new ParameterReader(directive, schema);
  const sizes = directive.word === "printsize";
  const channel = sizes ? "stdoutprintsize" : reader.channel(channelsOf.output);
  const name = reader.text("name") ?? schema.name;
  const compress = reader.truth("compress");
  return reader.result({
    channel: channel === "stdoutprintsize" ? "printsize" : channel === "stdout" ? channel : "file",
    name,
    filename: reader.text("filename") ?? `${name}.csv${compress ? ".gz" : ""}`,
    folder: reader.text("output-dir"),
    format: reader.format(),
    compress: compress && channel === "file",
  });
}

/** Takes parameters apart and collects what is wrong with them. */
class ParameterReader {
  private readonly directive: DirectiveText;
  private readonly schema: Schema;
  private readonly diagnostics: Diagnostic[] = [];

  constructor(directive: DirectiveText, schema: Schema) {
    this.directive = directive;
    this.schema = schema;
  }

  result<T>(options: T): Options<T> {
    // The parameters of a kind of file that is not supported are not judged.
    if (!later.includes(this.text("IO") ?? "")) this.checkKeys();
    return {
      options: this.diagnostics.some(({ severity }) => severity === "error") ? undefined : options,
      diagnostics: this.diagnostics,
    };
  }

  text(key: string): string | undefined {
    return this.directive.parameters.get(key);
  }

  truth(key: string): boolean {
    const text = this.text(key);
    if (text !== undefined && text !== "true" && text !== "false") {
      this.error("bad-parameter", `parameter ${key} is "${text}"`, "it is true or false");
    }
    return text === "true";
  }

  channel(known: readonly string[]): string {
    const channel = this.text("IO") ?? "file";
    if (later.includes(channel)) {
      const hint = `use IO=${known.join(" or IO=")}`;
      this.error("unsupported-io", `IO=${channel} is not supported yet`, hint);
    } else if (!known.includes(channel)) {
      const near = suggest(channel, known);
      const hint = near === undefined ? `it is one of ${known.join(", ")}` : `is ${near} meant?`;
      this.error("bad-parameter", `IO=${channel} is unknown to .${this.directive.word}`, hint);
    }
    if (channel !== "file" && known.includes(channel)) {
      for (const key of ["filename", "fact-dir", "output-dir", "compress"]) {
        if (this.text(key) !== undefined) this.ignored(key, `IO=${channel}`);
      }
    }
    return channel;
  }

  format(): CsvFormat {
    const rfc4180 = this.truth("rfc4180");
    const delimiter = this.text("delimiter") ?? (rfc4180 ? "," : "\t");
    if (delimiter === "" || /[\r\n]/.test(delimiter) || (rfc4180 && delimiter.includes('"'))) {
      const hint = "it is one or more characters, none of which ends a line or is a quote";
      this.error("bad-parameter", `the delimiter is ${JSON.stringify(delimiter)}`, hint);
    }
    return { delimiter, headers: this.truth("headers"), rfc4180 };
  }

  columns(): readonly number[] | undefined {
    const text = this.text("columns");
    if (text === undefined || text === "") return undefined;
    const places = text.split(":").map((place) => (/^\d{1,6}$/.test(place) ? Number(place) : -1));
    const count = this.schema.attributes.length;
    const hint = 'places in the file from 0, with ":" between them: columns="0:2"';
    if (places.includes(-1)) this.error("bad-parameter", `columns are "${text}"`, hint);
    else if (places.length !== count || new Set(places).size !== count) {
      const needs = `relation "${this.schema.name}" needs ${count} different columns`;
      this.error("bad-parameter", `${needs}, and "${text}" names others`, hint);
    }
    return places;
  }

  private checkKeys(): void {
    const { word, parameters } = this.directive;
    for (const key of parameters.keys()) {
      if (keysOf[word].includes(key)) continue;
      const near = suggest(key, keysOf[word]);
      const hint =
        near === undefined ? `known are ${keysOf[word].join(", ")}` : `is ${near} meant?`;
      this.error("unknown-parameter", `parameter "${key}" is unknown to .${word}`, hint);
    }
  }

  private error(code: string, message: string, hint: string): void {
    const { span } = this.directive;
    this.diagnostics.push({ severity: "error", code, message, span, hint });
  }

  private ignored(key: string, because: string): void {
    const { span } = this.directive;
    const message = `parameter ${key} has no effect with ${because}`;
    this.diagnostics.push({ severity: "warning", code: "useless-parameter", message, span });
  }
}
