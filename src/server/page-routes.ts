// The playground as a node, or `calm playground`, serves it: the files that its build has made, and
// nothing else. What is asked for is looked up among their names, so no path leads out of them.
import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import * as z from "zod";

import { Problem } from "./http/problem.ts";
import type { Reply, Route } from "./http/router.ts";

/** Where the files of the page are, by their names: `index.html`, `assets/index-1a2b.js`. */
export type PageFiles = ReadonlyMap<string, string>;

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** What the page may do: it runs programs as code that it generates, in workers of its own, and
 * asks whoever serves it; it loads nothing from elsewhere, and stands in no other page. */
const policy = [
  "default-src 'none'",
  "script-src 'self' 'unsafe-eval'",
  "worker-src 'self'",
  "connect-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const headers = {
  "content-security-policy": policy,
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
};

/** Names in `assets` change with what is in them. */
const cachedForGood = "public, max-age=31536000, immutable";

/** Returns the files of a page that was built into a folder; undefined where none was. */
export function pageFiles(folder: string): PageFiles | undefined {
  const names = (within: string): string[] =>
    readdirSync(join(folder, within), { withFileTypes: true }).flatMap((entry) => {
      const name = `${within}${entry.name}`;
      if (entry.isDirectory()) return within === "" ? names(`${name}/`) : [];
      return entry.isFile() && extname(name) in types ? [name] : [];
    });
  try {
    const files = new Map(names("").map((name) => [name, join(folder, name)]));
    return files.has("index.html") ? files : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Returns the routes of a page below a path, which is empty or like `/ui`. They need no token: all
 * that is secret is asked for by the page, with the token that its user gives. */
export function pageRoutes(files: PageFiles, below: string): Route[] {
  // Browsers ask for the modules of a page in its name.
  const route = (path: string, handle: Route["handle"]): Route => ({
    ...{ method: "GET", path: `${below}${path}`, open: true, anyOrigin: true, handle },
    summary: "Gives the files of the playground",
    gives: { "text/html": z.string() },
    problems: [404],
  });
  return [
    ...(below === "" ? [] : [route("", () => moved(`${below}/`))]),
    route("/", () => fileReply(files, "index.html")),
    route("/{file}", ({ parameters }) => fileReply(files, parameters["file"] ?? "")),
    route("/{folder}/{file}", ({ parameters: { folder = "", file = "" } }) =>
      fileReply(files, `${folder}/${file}`),
    ),
  ];
}

function moved(location: string): Reply {
  return { status: 308, type: "", body: "", headers: { ...headers, location } };
}

async function fileReply(files: PageFiles, name: string): Promise<Reply> {
  const path = files.get(name);
  if (path === undefined) throw new Problem(404, "not-found", "the page has no such file");
  const caching = name.startsWith("assets/") ? cachedForGood : "no-cache";
  return {
    type: types[extname(name)] ?? "application/octet-stream",
    body: [await readFile(path)],
    headers: { ...headers, "cache-control": caching },
  };
}
