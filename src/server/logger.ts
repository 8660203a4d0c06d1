// What a node says of itself while it runs: one line for each thing, for people or for programs.
import { visible } from "../io/display.ts";

/** How bad what is said is. */
export const logLevels = ["debug", "info", "warn", "error"] as const;

/** One of `logLevels`. */
export type LogLevel = (typeof logLevels)[number];

/** What is told with a line. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** Writes lines. */
export type Logger = Readonly<Record<LogLevel, (text: string, fields?: LogFields) => void>>;

/** How lines are written. */
export type LoggerOptions = {
  readonly format: "json" | "text";
  /** What is milder is left out. */
  readonly level: LogLevel;
  readonly node: string;
  readonly write: (line: string) => void;
  readonly now: () => Date;
};

/** Returns what writes lines so. */
export function loggerOf(options: LoggerOptions): Logger {
  const { format, level: least, node, write, now } = options;
  const at =
    (level: LogLevel) =>
    (text: string, fields: LogFields = {}): void => {
      if (logLevels.indexOf(level) < logLevels.indexOf(least)) return;
      const time = now().toISOString();
      write(
        format === "json"
          ? `${JSON.stringify({ ts: time, level, node, msg: text, ...fields })}\n`
          : `${time} ${level.padEnd(5)} ${node}: ${visible(text)}${fieldsText(fields)}\n`,
      );
    };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

function fieldsText(fields: LogFields): string {
  return Object.entries(fields)
    .flatMap(([key, value]) => (value === undefined ? [] : ` ${key}=${plain(String(value))}`))
    .join("");
}

/** What could be taken for something else on the line is in quotes. */
function plain(text: string): string {
  return /^[^\s"\\=\p{Cc}]+$/u.test(text) ? text : JSON.stringify(text);
}
