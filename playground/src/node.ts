// The node that serves this page, where one does: at `/ui/`. All other hosts serve a page that knows
// of no node.
import { signal } from "@preact/signals";
import { NodeClient } from "../../src/client/node-client.ts";

/** The node. */
export type ServingNode = { readonly url: string; readonly name: string };

export const servingNode = signal<ServingNode | undefined>(undefined);

/** The node's token, until the page is closed. */
export const token = signal("");

/** Whether the address of the page is that at which nodes serve it. */
export const besideNode = location.pathname === "/ui/" || location.pathname === "/ui/index.html";

/** Finds out whether a node serves the page. */
export async function findNode(): Promise<void> {
  if (!besideNode) return;
  try {
    const response = await fetch("/version");
    const said: unknown = response.ok ? await response.json() : undefined;
    if (typeof said !== "object" || said === null) return;
    const { node, program } = said as { readonly node?: unknown; readonly program?: unknown };
    if (typeof node !== "string" || typeof program !== "string") return;
    servingNode.value = { url: location.origin, name: node };
  } catch {
    // Some other host, which has nothing there.
  }
}

/** Returns a client of the node. It is asked again by the view, and so once at a time. */
export function clientOf({ url }: ServingNode): NodeClient {
  return new NodeClient(url, { ...(token.value !== "" && { token: token.value }) });
}
