// `calm node leave|forget`: how members go.
import { type ExitCode, exitCodes } from "./exit.ts";
import type { Host } from "./host.ts";
import { type AdminOptions, ask, membersText, type MemberStatus } from "./node-admin.ts";

/** What an operator wants of the membership of a node. */
export type MembersRequest =
  { readonly kind: "leave" } | { readonly kind: "forget"; readonly name: string };

/** Has a node leave the network, or forget another member. */
export async function nodeMembers(
  request: MembersRequest,
  options: AdminOptions,
  host: Host,
): Promise<ExitCode> {
  const print = (answer: unknown, text: string): void => {
    const json = options.format === "json";
    host.stdout.write(json ? `${JSON.stringify(answer, undefined, 2)}\n` : text);
  };
  if (request.kind === "leave") {
    const { wait = 30 } = options;
    const answer = (await ask(options, host, "POST", `/v1/leave?wait=${wait}`)) as {
      readonly left: boolean;
      readonly reason?: string;
    };
    const { left, reason = "" } = answer;
    const still = `the node takes no more facts, and has not left yet: ${reason}\n`;
    print(answer, left ? "the node has left, and ends\n" : still);
    return left ? exitCodes.ok : exitCodes.problem;
  }
  const { name } = request;
  const answer = (await ask(options, host, "POST", "/v1/forget", { name })) as {
    readonly members: Readonly<Record<string, MemberStatus>>;
  };
  print(answer, membersText(answer.members));
  return exitCodes.ok;
}
