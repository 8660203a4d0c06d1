// A session at a terminal, on Node's REPL: prompts, history, completion, ^C.
import { mkdirSync, unwatchFile, watchFile } from "node:fs";
import { dirname } from "node:path";
import { start, type REPLServer } from "node:repl";
import { commandOf } from "./commands.ts";
import { completions } from "./completion.ts";
import { Reader } from "./reader.ts";
import type { Shell } from "./shell.ts";

/** The streams of a terminal, and where its history is kept. */
export type Terminal = {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
  /** Whether keys are read one by one, as from a real terminal. */
  readonly keys: boolean;
  readonly history?: string;
};

const prompts = { first: "calm> ", next: "  ... " } as const;
const historyLinesMax = 1000;
const watchMs = 300;

/** Reads entries until the end of input or `.exit`. */
export function runTerminal(shell: Shell, terminal: Terminal): Promise<void> {
  const { promise, resolve } = ended();
  const reader = new Reader();
  // Lines that come while one is being worked on wait for it.
  let queue: Promise<void> = Promise.resolve();
  let idle = true;
  let closed = false;
  const server = start({
    // Of what readline takes, and the types of what is on top of it do not have.
    ...{ historySize: historyLinesMax },
    prompt: shell.remote === undefined ? prompts.first : `${shell.remote.host}> `,
    input: terminal.input,
    output: terminal.output,
    terminal: terminal.keys,
    useGlobal: true,
    ignoreUndefined: true,
    preview: false,
    completer: (text: string) => {
      const { pending } = reader;
      return completions(text, { pending, relations: shell.relations });
    },
    eval: (text, _context, _file, done) => {
      take(text.replace(/\n$/, ""), () => {
        done(null, undefined);
      });
    },
  });
  // Every line that begins with a dot is ours, declarations and beginnings of names too.
  const dotted = {
    get: (_: unknown, word: string) => ({
      help: "",
      action: (rest: string) => {
        take(`.${word}${rest === "" ? "" : ` ${rest}`}`, showPrompt);
      },
    }),
  };
  // Input may end while a line is being worked on, and Node 24 prompts no more then, but throws.
  let listening = true;
  server.once("close", () => (listening = false));
  const showPrompt = (keepCursor = false): void => {
    if (listening) server.displayPrompt(keepCursor);
  };
  Object.defineProperty(server, "commands", { value: new Proxy({}, dotted) });

  const work = async (text: string): Promise<void> => {
    // An empty line ends an entry that nothing else would end.
    const read = reader.take(text, text.trim() === "" && reader.pending.trim() !== "");
    server.setPrompt(prompt());
    if (read === undefined || read.text.trim() === "") return;
    if ((await shell.execute(read.text, read.line)) === "exit") {
      closed = true;
      server.close();
    } else server.setPrompt(prompt());
  };
  const take = (text: string, done: () => void): void => {
    idle = false;
    const end = (): void => {
      idle = true;
      if (!closed) done();
    };
    queue = queue.then(() => work(text)).then(end);
  };
  const prompt = (): string => {
    const { remote } = shell;
    if (reader.pending !== "") return prompts.next;
    return remote === undefined ? prompts.first : `${remote.host}> `;
  };
  // What comes by itself stands above the line that is being typed.
  shell.tell = (line) => {
    terminal.output.write(`${terminal.keys ? "\r\x1b[K" : ""}${line}\n`);
    if (idle) showPrompt(true);
  };
  const forget = (): void => {
    reader.end();
    server.setPrompt(prompt());
  };

  server.prependListener("SIGINT", forget);
  const unwatch = watching(shell, (reload) => {
    queue = queue.then(reload).then(() => {
      showPrompt();
    });
  });
  server.on("exit", () => {
    void queue.then(() => {
      unwatch();
      resolve();
    });
  });
  if (terminal.history !== undefined) keepHistory(server, terminal.history);
  return promise;
}

function ended(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}

/** Keeps lines in a file that only its owner reads. Where that cannot be there is no history. */
function keepHistory(server: REPLServer, path: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  } catch {
    return;
  }
  server.setupHistory(path, () => undefined);
}

/** Has `.watch` look after the files of a session; returns what stops it. */
function watching(shell: Shell, enqueue: (reload: () => Promise<void>) => void): () => void {
  const watched = new Set<string>();
  const stop = (): void => {
    for (const path of watched) unwatchFile(path);
    watched.clear();
  };
  const begin = (): void => {
    stop();
    for (const { file } of shell.session.texts) {
      if (file === undefined || watched.has(file)) continue;
      watched.add(file);
      watchFile(file, { interval: watchMs, persistent: false }, () => {
        enqueue(async () => {
          await shell.guarded(async () => commandOf("reload").run(shell, ""));
        });
      });
    }
  };
  shell.watch = (on) => {
    if (on) begin();
    else stop();
  };
  return stop;
}
