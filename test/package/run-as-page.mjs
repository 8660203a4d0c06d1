// Runs a module as a page does: with the globals of the web, none of Node's, and nothing to import.
import { readFileSync } from "node:fs";
import { createContext, SourceTextModule } from "node:vm";

const web = {
  ...{ console, crypto, fetch, queueMicrotask, setTimeout, clearTimeout, structuredClone },
  ...{ AbortController, AbortSignal, Headers, TextDecoder, TextEncoder, URL, URLSearchParams },
};
const path = process.argv[2];
const context = createContext(web);
const page = new SourceTextModule(readFileSync(path, "utf8"), { context, identifier: path });
await page.link((specifier) => {
  throw new Error(`the page imports "${specifier}"`);
});
await page.evaluate();
