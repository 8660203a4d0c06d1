// What runs beside the page. One of these answers what the editor asks, another evaluates: that one
// is stopped by ending it. What evaluates is loaded when it is asked for first.
import type { Answer, Answers } from "./answers.ts";
import type { CallName, Calls, Request } from "./protocol.ts";
import { Language } from "./worker/language.ts";

type ReplyBody =
  { readonly given: unknown } | { readonly failed: string } | { readonly progress: string };

const language = new Language();
const languageAnswers: Answers = {
  check: (asked: Parameters<Calls["check"]>[0]) => language.check(asked),
  tokens: (asked: Parameters<Calls["tokens"]>[0]) => language.tokens(asked),
  complete: (asked: Parameters<Calls["complete"]>[0]) => language.complete(asked),
  hover: (asked: Parameters<Calls["hover"]>[0]) => language.hover(asked),
  definition: (asked: Parameters<Calls["definition"]>[0]) => language.definition(asked),
  fixes: (asked: number) => language.fixes(asked),
  format: (asked: Parameters<Calls["format"]>[0]) => language.format(asked),
};

const explaining = once(() => import("./worker/explaining.ts").then((of) => of.explainingCalls()));

/** What is loaded when it is asked for first, by how the names of its calls begin. */
const others: readonly (readonly [prefix: string, load: () => Promise<Answers>])[] = [
  ["network", once(() => import("./worker/network/calls.ts").then((of) => of.networkCalls()))],
  ["store", once(() => import("./worker/store/calls.ts").then((of) => of.storeCalls()))],
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
  } catch (error) {
    reply({ failed: error instanceof Error ? error.message : String(error) });
  }
};
