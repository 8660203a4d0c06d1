// A real browser at the built playground: Debian's Chromium, as playwright's own is a download.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { type Browser, chromium, type Page } from "playwright-core";

const root = fileURLToPath(new URL("../..", import.meta.url));
const paths = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Where Chromium is; undefined where there is none. */
export const chromiumPath = process.env["CHROMIUM"] ?? paths.find((path) => existsSync(path));

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".json": "application/json",
};

/** The playground as a static host serves it, and a browser. */
export class Playground {
  readonly url: string;
  private readonly browser: Browser;
  private readonly server: Server;
  private readonly folder: string;

  private constructor(browser: Browser, server: Server, folder: string) {
    this.browser = browser;
    this.server = server;
    this.folder = folder;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/play/`;
  }

  /** Builds the page and starts a browser. */
  static async start(): Promise<Playground> {
    const folder = await mkdtemp(join(tmpdir(), "calmdb-playground-"));
    const vite = join(root, "node_modules/vite/bin/vite.js");
    execFileSync(process.execPath, [vite, "build", "playground", "--outDir", folder], {
      cwd: root,
      stdio: "pipe",
    });
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
    const browser = await chromium.launch({
      ...(chromiumPath !== undefined && { executablePath: chromiumPath }),
      args: ["--no-sandbox"],
    });
    return new Playground(browser, server, folder);
  }

  /** Opens the page in a profile of its own. What it complains about in the console is `errors`. */
  async open(
    query = "",
    viewport = { width: 1280, height: 800 },
  ): Promise<{ readonly page: Page; readonly errors: string[] }> {
    const context = await this.browser.newContext({
      viewport,
      permissions: ["clipboard-read", "clipboard-write"],
    });
    const page = await context.newPage();
    const errors: string[] = [];
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) errors.push(message.text());
    });
    page.on("pageerror", (error) => errors.push(error.message));
    await page.goto(this.url + query);
    await page.locator(".cm-content").waitFor();
    return { page, errors };
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
    await rm(this.folder, { recursive: true, force: true });
  }
}
