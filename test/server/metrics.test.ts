import { expect } from "chai";

import { loggerOf } from "../../src/server/logger.ts";
import { histogramSamples, metricsText } from "../../src/server/metrics.ts";

describe("metrics", () => {
  it("are in the text format of Prometheus, version 0.0.4", () => {
    const text = metricsText([
      {
        ...{ name: "calm_tuples", help: "A \\ and\na line.", type: "gauge" },
        samples: [{ labels: { relation: 'a"b\\c\nd', of: "x" }, value: 1.5 }, { value: Infinity }],
      },
      {
        ...{ name: "calm_commit_seconds", help: "Time.", type: "histogram" },
        samples: histogramSamples([0.1, 1], [2, 3], { count: 4, sum: 7.25 }),
      },
    ]);
    expect(text.split("\n")).to.deep.equal([
      "# HELP calm_tuples A \\\\ and\\na line.",
      "# TYPE calm_tuples gauge",
      'calm_tuples{relation="a\\"b\\\\c\\nd",of="x"} 1.5',
      "calm_tuples +Inf",
      "# HELP calm_commit_seconds Time.",
      "# TYPE calm_commit_seconds histogram",
      'calm_commit_seconds_bucket{le="0.1"} 2',
      'calm_commit_seconds_bucket{le="1"} 3',
      'calm_commit_seconds_bucket{le="+Inf"} 4',
      "calm_commit_seconds_sum 7.25",
      "calm_commit_seconds_count 4",
      "",
    ]);
  });
});

describe("the log of a node", () => {
  const written = (format: "json" | "text"): string[] => {
    const lines: string[] = [];
    const logger = loggerOf({
      ...{ format, level: "info", node: "a", now: () => new Date(0) },
      write: (line) => {
        lines.push(line);
      },
    });
    logger.debug("not said");
    logger.warn("something\nhappened", { why: "a b", count: 1, none: undefined });
    return lines;
  };

  it("is a line each, as JSON", () => {
    const [line = "", ...rest] = written("json");
    expect(rest).to.deep.equal([]);
    expect(JSON.parse(line)).to.deep.equal({
      ...{ ts: "1970-01-01T00:00:00.000Z", level: "warn", node: "a", msg: "something\nhappened" },
      ...{ why: "a b", count: 1 },
    });
  });

  it("is a line each, for people", () => {
    expect(written("text")).to.deep.equal([
      '1970-01-01T00:00:00.000Z warn  a: something\\nhappened why="a b" count=1\n',
    ]);
  });
});
