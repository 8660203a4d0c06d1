// What runs beside the page. One of these answers what the editor asks, another evaluates: that one
// is stopped by ending it. All but what checks and colours is loaded when it is asked for first.
import type { Answer, Answers } from "./answers.ts";
import type { CallName, Calls, Request } from "./protocol.ts";
import { Language } from "./worker/language.ts";

type ReplyBody =
  { readonly given: unknown } | { readonly failed: string } | { readonly progress: string };

const language = new Language();
const languageAnswers: Answers = {
  check: (asked: Parameters<Calls["check"]>[0]) => language.check(asked),
  tokens: (asked: Parameters<Calls["tokens"]>[0]) => language.tokens(asked),
};

const assistance = once(() =>
  import("./worker/assistance.ts").then((of) => of.assistanceCalls(language)),
);
const explaining = once(() => import("./worker/explaining.ts").then((of) => of.explainingCalls()));

/** What is loaded when it is asked for first, by how the names of its calls begin. */
const others: readonly (readonly [prefix: string, load: () => Promise<Answers>])[] = [
  ["network", once(() => import("./worker/network/calls.ts").then((of) => of.networkCalls()))],
  ["store", once(() => import("./worker/store/calls.ts").then((of) => of.storeCalls()))],
  ...["complete", "hover", "definition", "fixes", "format"].map(
    (prefix) => [prefix, assistance] as const,
  ),
  ...["graph", "witness", "why"].map((prefix) => [prefix, explaining] as const),
  ["", once(() => import("./worker/evaluation.ts").then((of) => of.evaluationCalls()))],
];

async function answerFor(name: CallName): Promise<Answer> {
  const known = languageAnswers[name];
  if (known !== undefined) return known;
  const load = others.find(([prefix]) => name.startsWith(prefix))?.[1];
  const answer = (await load?.())?.[name];
  if (answer === undefined) throw new Error(`the worker has no "${name}"`);
  return answer;
}

function once<T>(load: () => Promise<T>): () => Promise<T> {
  let loaded: Promise<T> | undefined;
  return () => (loaded ??= load());
}

self.onmessage = async ({ data: { id, name, asked } }: MessageEvent<Request>) => {
  const reply = (rest: ReplyBody): void => {
    self.postMessage({ id, ...rest });
  };
  try {
    const answer = await answerFor(name);
    const progress = (text: string): void => {
      reply({ progress: text });
    };
    reply({ given: await answer(asked as never, progress) });
    // Whoever has seen findings, or typed a word, asks for it next.
    if (name === "check") void assistance();
  } catch (error) {
    reply({ failed: error instanceof Error ? error.message : String(error) });
  }
};
