// What runs beside the page. One of these answers what the editor asks, another evaluates: that one
// is stopped by ending it. What evaluates is loaded when it is asked for first.
import type { CallName, Calls, Request } from "./protocol.ts";
import { Language } from "./worker/language.ts";

type ReplyBody =
  { readonly given: unknown } | { readonly failed: string } | { readonly progress: string };

type Answer = (asked: never, progress: (text: string) => void) => unknown;

const language = new Language();
let evaluation: Promise<Partial<Record<CallName, Answer>>> | undefined;

const answers: Partial<Record<CallName, Answer>> = {
  check: (asked: Parameters<Calls["check"]>[0]) => language.check(asked),
  tokens: (asked: Parameters<Calls["tokens"]>[0]) => language.tokens(asked),
  complete: (asked: Parameters<Calls["complete"]>[0]) => language.complete(asked),
  hover: (asked: Parameters<Calls["hover"]>[0]) => language.hover(asked),
  definition: (asked: Parameters<Calls["definition"]>[0]) => language.definition(asked),
  fixes: (asked: number) => language.fixes(asked),
  format: (asked: Parameters<Calls["format"]>[0]) => language.format(asked),
};

self.onmessage = async ({ data: { id, name, asked } }: MessageEvent<Request>) => {
  const reply = (rest: ReplyBody): void => {
    self.postMessage({ id, ...rest });
  };
  try {
    let answer = answers[name];
    if (answer === undefined) {
      evaluation ??= import("./worker/evaluation.ts").then(({ evaluationCalls }) =>
        evaluationCalls(),
      );
      answer = (await evaluation)[name];
    }
    if (answer === undefined) throw new Error(`the worker has no "${name}"`);
    const progress = (text: string): void => {
      reply({ progress: text });
    };
    reply({ given: await answer(asked as never, progress) });
  } catch (error) {
    reply({ failed: error instanceof Error ? error.message : String(error) });
  }
};
