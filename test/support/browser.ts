// A real browser at the built playground: Debian's Chromium, as playwright's own is a download.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";

import type { Context } from "mocha";
import { type Browser, chromium, type Page } from "playwright-core";

const root = fileURLToPath(new URL("../..", import.meta.url));
const paths = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Where Chromium is; undefined where there is none. */
const chromiumPath = process.env["CHROMIUM"] ?? paths.find((path) => existsSync(path));

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".json": "application/json",
};

/** Skips what needs a browser where there is none; where all is tested there has to be one. */
export function needBrowser(test: Context): void {
  if (chromiumPath === undefined && process.env["CI"] === undefined) test.skip();
}

/** Starts a browser. */
export function browser(): Promise<Browser> {
  return chromium.launch({
    ...(chromiumPath !== undefined && { executablePath: chromiumPath }),
    args: ["--no-sandbox"],
  });
}

/** A page, and what it complained about in the console. */
export type OpenedPage = { readonly page: Page; readonly errors: readonly string[] };

/** Opens an address at which the playground is, and waits until one can write there. */
export async function openedPage(page: Page, url: string): Promise<OpenedPage> {
  const errors: string[] = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) errors.push(message.text());
  });
  page.on("pageerror", (error) => errors.push(error.message));
  await page.goto(url);
  await page.locator(".cm-content").waitFor();
  return { page, errors };
}

/** Puts a program into the editor, as if typed. */
export async function write(page: Page, text: string): Promise<void> {
  await page.locator(".cm-content").click();
  await page.keyboard.press("Control+A");
  await page.keyboard.insertText(text);
}

/** Waits until what is in the editor was run. */
export async function ran(page: Page): Promise<void> {
  await page.locator(".run-line[data-kind=done]").waitFor();
}

/** Puts a program into the editor, as if typed, and waits for its answers. */
export async function run(page: Page, text: string): Promise<void> {
  await ran(page);
  const before = await page.locator(".run-line").getAttribute("data-run");
  await write(page, text);
  await page.locator(`.run-line[data-kind=done]:not([data-run="${String(before)}"])`).waitFor();
}

/** The playground as tests have it. */
export type ServedPlayground = Pick<Playground, "url" | "open" | "vanish">;

/** The playground and a browser, for the tests of the `describe` that asks for them. */
export function servedPlayground(): ServedPlayground {
  let started: Playground | undefined;
  const served = (): Playground => {
    if (started === undefined) throw new Error("the playground is there while tests run");
    return started;
  };
  before(async function () {
    needBrowser(this);
    started = await Playground.start();
  });
  after(() => started?.stop());
  return {
    get url() {
      return served().url;
    },
    open: (...asked) => served().open(...asked),
    vanish: () => served().vanish(),
  };
}

let builtAt: string | undefined;

/** Returns where the page is built: once for all tests of a process, which removes it. */
function built(): string {
  if (builtAt !== undefined) return builtAt;
  const folder = mkdtempSync(join(tmpdir(), "calmdb-playground-"));
  process.once("exit", () => {
    rmSync(folder, { recursive: true, force: true });
  });
  const vite = join(root, "node_modules/vite/bin/vite.js");
  execFileSync(process.execPath, [vite, "build", "playground", "--outDir", folder], {
    cwd: root,
    stdio: "pipe",
  });
  return (builtAt = folder);
}

/** The playground as a static host serves it, and a browser. */
export class Playground {
  readonly url: string;
  private readonly browser: Browser;
  private readonly server: Server;

  private constructor(browser: Browser, server: Server) {
    this.browser = browser;
    this.server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/play/`;
  }

  /** Builds the page and starts a browser. */
  static async start(): Promise<Playground> {
    const folder = built();
    const server = createServer((request, response) => {
      // A folder of a host, so that addresses that are not relative are found out.
      const { pathname } = new URL(request.url ?? "/", "http://localhost");
      const name = pathname.replace(/^\/play\//, "").replace(/^$/, "index.html");
      readFile(join(folder, name)).then(
        (bytes) => {
          response.writeHead(200, { "content-type": types[extname(name)] ?? "text/plain" });
          response.end(bytes);
        },
        () => {
          response.writeHead(404).end();
        },
      );
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new Playground(await browser(), server);
  }

  /** Opens the page in a profile of its own; a script is run there before its own. */
  async open(
    query = "",
    viewport = { width: 1280, height: 800 },
    script = "",
  ): Promise<OpenedPage> {
    const context = await this.browser.newContext({
      viewport,
      permissions: ["clipboard-read", "clipboard-write"],
    });
    await context.addInitScript(script);
    return openedPage(await context.newPage(), this.url + query);
  }

  /** Ends the host: from now on there is nothing at its address. */
  async vanish(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    await closed;
  }

  /** Ends the browser and the host. */
  async stop(): Promise<void> {
    await this.browser.close();
    if (this.server.listening) await this.vanish();
  }
}
