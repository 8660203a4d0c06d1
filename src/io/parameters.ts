import type { Diagnostic } from "../base/diagnostic.ts";
import type { Span } from "../base/source.ts";
import { suggest } from "../base/suggest.ts";
import type { Schema } from "../value/schema.ts";
import type { Code } from "./codes.ts";
import type { CsvFormat } from "./csv.ts";
import type { JsonForm } from "./json.ts";

/** What `.input`, `.output` or `.printsize` says about one relation, as it was written. */
export type DirectiveText = {
  readonly word: "input" | "output" | "printsize";
  readonly parameters: ReadonlyMap<string, string>;
  readonly span: Span;
};

/** Where facts come from. `filename` is looked for in `folder`, if that is given, else in the
 * folder for facts; an absolute one is taken as it is. */
export type InputOptions = {
  readonly channel: "file" | "stdin";
  readonly filename: string;
  readonly folder: string | undefined;
  readonly form: InputForm;
};

/** How facts are written. `columns` is as in `CsvInput`, `tuples` as in `JsonInput`. */
export type InputForm =
  | {
      readonly kind: "csv";
      readonly format: CsvFormat;
      readonly columns: readonly number[] | undefined;
    }
  | { readonly kind: "json"; readonly tuples: JsonForm | undefined }
  | { readonly kind: "sqlite"; readonly table: string };

/** Where tuples go. `printsize` prints the name and the number of tuples alone. */
export type OutputOptions = {
  readonly channel: "file" | "stdout" | "printsize";
  readonly name: string;
  readonly filename: string;
  readonly folder: string | undefined;
  readonly form: OutputForm;
  readonly compress: boolean;
};

/** How tuples are written. */
export type OutputForm =
  | { readonly kind: "csv"; readonly format: CsvFormat }
  | { readonly kind: "json"; readonly tuples: JsonForm }
  | { readonly kind: "sqlite"; readonly table: string };

/** Options, unless there is an error among the diagnostics. */
export type Options<T> = {
  readonly options: T | undefined;
  readonly diagnostics: readonly Diagnostic[];
};

const csv = ["delimiter", "headers", "rfc4180"];
const inputFile = ["filename", "fact-dir", "compress"];
const outputFile = ["filename", "output-dir", "compress"];

// For each IO what it takes, beside IO and name.
const inputs: Channels = {
  file: [...csv, "columns", ...inputFile],
  stdin: [...csv, "columns"],
  json: ["format"],
  jsonfile: ["format", ...inputFile],
  sqlite: ["dbname", "filename", "fact-dir", "compress"],
};
const outputs: Channels = {
  file: [...csv, ...outputFile],
  stdout: csv,
  stdoutprintsize: [],
  json: ["format"],
  jsonfile: ["format", ...outputFile],
  sqlite: ["dbname", "filename", "output-dir"],
};
const sizes: Channels = { stdoutprintsize: [], stdout: [] };

type Channels = Readonly<Record<string, readonly string[]>>;

/** Returns what an `.input` says. `IO=json` is JSON on the standard input. */
export function inputOptions(directive: DirectiveText, schema: Schema): Options<InputOptions> {
  const reader = new ParameterReader(directive, schema, inputs);
  const { channel } = reader;
  const name = reader.text("name") ?? schema.name;
  reader.truth("compress");
  return reader.result({
    channel: channel === "stdin" || channel === "json" ? "stdin" : "file",
    filename: reader.filename() ?? `${name}.${extensions[channel] ?? "facts"}`,
    folder: reader.text("fact-dir"),
    form: inputForm(reader, name),
  });
}

function inputForm(reader: ParameterReader, name: string): InputForm {
  const { channel } = reader;
  if (channel === "sqlite") return { kind: "sqlite", table: name };
  if (channel === "json" || channel === "jsonfile")
    return { kind: "json", tuples: reader.tuples() };
  return { kind: "csv", format: reader.format(), columns: reader.columns() };
}

/** Returns what an `.output` or a `.printsize` says. `IO=json` is JSON on the standard output. */
export function outputOptions(directive: DirectiveText, schema: Schema): Options<OutputOptions> {
  const printsize = directive.word === "printsize";
  const reader = new ParameterReader(directive, schema, printsize ? sizes : outputs);
  const { channel } = reader;
  const name = reader.text("name") ?? schema.name;
  const compress = reader.truth("compress") && (channel === "file" || channel === "jsonfile");
  const extension = `${extensions[channel] ?? "csv"}${compress ? ".gz" : ""}`;
  return reader.result({
    channel: printsize ? "printsize" : (outputChannels[channel] ?? "file"),
    name,
    filename: reader.filename() ?? `${name}.${extension}`,
    folder: reader.text("output-dir"),
    form: outputForm(reader, name),
    compress,
  });
}

function outputForm(reader: ParameterReader, name: string): OutputForm {
  const { channel } = reader;
  if (channel === "sqlite") return { kind: "sqlite", table: name };
  if (channel === "json" || channel === "jsonfile")
    return { kind: "json", tuples: reader.tuples() ?? "list" };
  return { kind: "csv", format: reader.format() };
}

const extensions: Readonly<Record<string, string>> = { jsonfile: "json", sqlite: "sqlite" };
const outputChannels: Readonly<Record<string, OutputOptions["channel"]>> = {
  stdout: "stdout",
  json: "stdout",
  stdoutprintsize: "printsize",
};

/** Takes parameters apart and collects what is wrong with them. */
class ParameterReader {
  private readonly directive: DirectiveText;
  private readonly schema: Schema;
  private readonly channels: Channels;
  /** What IO says, or is without it. */
  readonly channel: string;
  private readonly diagnostics: Diagnostic[] = [];

  constructor(directive: DirectiveText, schema: Schema, channels: Channels) {
    this.directive = directive;
    this.schema = schema;
    this.channels = channels;
    this.channel = this.text("IO") ?? Object.keys(channels)[0] ?? "file";
    if (channels[this.channel] === undefined) this.refuseChannel();
    else this.checkKeys();
  }

  result<T>(options: T): Options<T> {
    return {
      options: this.diagnostics.some(({ severity }) => severity === "error") ? undefined : options,
      diagnostics: this.diagnostics,
    };
  }

  text(key: string): string | undefined {
    return this.directive.parameters.get(key);
  }

  /** The name of the file, which for a database `dbname` says too. */
  filename(): string | undefined {
    const database = this.channel === "sqlite" ? this.text("dbname") : undefined;
    const filename = this.text("filename");
    if (database !== undefined && filename !== undefined && database !== filename) {
      const message = `dbname is "${database}" and filename is "${filename}"`;
      this.error("bad-parameter", message, "both name the file of the database: give one");
    }
    const name = database ?? filename;
    if (name === "") this.error("bad-parameter", "the name of the file is empty", "give it a name");
    return name;
  }

  /** The form of tuples in JSON. */
  tuples(): JsonForm | undefined {
    const text = this.text("format");
    if (text === undefined || text === "list" || text === "object") return text;
    this.error("bad-parameter", `parameter format is "${text}"`, "it is list or object");
    return undefined;
  }

  truth(key: string): boolean {
    const text = this.text(key);
    if (text !== undefined && text !== "true" && text !== "false") {
      this.error("bad-parameter", `parameter ${key} is "${text}"`, "it is true or false");
    }
    return text === "true";
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

  private refuseChannel(): void {
    const known = Object.keys(this.channels);
    const near = suggest(this.channel, known);
    const hint = near === undefined ? `it is one of ${known.join(", ")}` : `is ${near} meant?`;
    const message = `IO=${this.channel} is unknown to .${this.directive.word}`;
    this.error("bad-parameter", message, hint);
  }

  /** Refuses parameters that nothing takes, and warns of those that another IO would take. */
  private checkKeys(): void {
    const { word, parameters } = this.directive;
    const taken = ["IO", "name", ...(this.channels[this.channel] ?? [])];
    const known = [...new Set(["IO", "name", ...Object.values(this.channels).flat()])];
    for (const key of parameters.keys()) {
      if (taken.includes(key)) continue;
      if (known.includes(key)) {
        this.ignored(key, `IO=${this.channel}`);
        continue;
      }
      const near = suggest(key, known);
      const hint = near === undefined ? `known are ${known.join(", ")}` : `is ${near} meant?`;
      this.error("unknown-parameter", `parameter "${key}" is unknown to .${word}`, hint);
    }
  }

  private error(code: Code, message: string, hint: string): void {
    const { span } = this.directive;
    this.diagnostics.push({ severity: "error", code, message, span, hint });
  }

  private ignored(key: string, because: string): void {
    const { span } = this.directive;
    const message = `parameter ${key} has no effect with ${because}`;
    this.diagnostics.push({ severity: "warning", code: "useless-parameter", message, span });
  }
}
