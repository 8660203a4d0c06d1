/** One metric with its samples, as Prometheus reads them. */
export type Metric = {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly samples: readonly Sample[];
};

/** A number, with what tells it from others of its metric. `suffix` is of histograms' parts. */
export type Sample = {
  readonly labels?: Readonly<Record<string, string>>;
  readonly suffix?: "_bucket" | "_sum" | "_count";
  readonly value: number;
};

/** The type of the text. */
export const metricsType = "text/plain; version=0.0.4; charset=utf-8";

/** Returns metrics in Prometheus' text format, version 0.0.4. */
export function metricsText(metrics: readonly Metric[]): string {
  return metrics
    .map(({ name, help, type, samples }) =>
      [
        `# HELP ${name} ${help.replace(/\\/g, "\\\\").replace(/\n/g, "\\n")}`,
        `# TYPE ${name} ${type}`,
        ...samples.map(({ labels = {}, suffix = "", value }) => {
          const pairs = Object.entries(labels).map(([key, text]) => `${key}="${escaped(text)}"`);
          const shown = pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
          return `${name}${suffix}${shown} ${numberText(value)}`;
        }),
        "",
      ].join("\n"),
    )
    .join("");
}

/** Returns the samples of a histogram; `counts` are those of values up to each of `ends`. */
export function histogramSamples(
  ends: readonly number[],
  counts: readonly number[],
  { count, sum }: { readonly count: number; readonly sum: number },
): Sample[] {
  const bucket = (le: string, value: number): Sample => ({
    labels: { le },
    suffix: "_bucket",
    value,
  });
  return [
    ...ends.map((end, at) => bucket(String(end), counts[at] ?? 0)),
    bucket("+Inf", count),
    { suffix: "_sum", value: sum },
    { suffix: "_count", value: count },
  ];
}

function escaped(text: string): string {
  return text.replace(/\\/g, "\\\\").replace(/\n/g, "\\n").replace(/"/g, '\\"');
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  return Number.isFinite(value) ? String(value) : value > 0 ? "+Inf" : "-Inf";
}
