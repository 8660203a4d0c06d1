// The playground's files over HTTP: those, and nothing else.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { assert } from "../../src/base/assert.ts";
import { httpLimits } from "../../src/server/http/http-limits.ts";
import { HttpServer } from "../../src/server/http/http-server.ts";
import { pageFiles, pageRoutes } from "../../src/server/page-routes.ts";

type Answer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
};

describe("the files of a page", () => {
  const home = mkdtempSync(join(tmpdir(), "calm-page-"));
  const folder = join(home, "page");
  let server: HttpServer;
  let port = 0;

  before(async () => {
    mkdirSync(join(folder, "assets"), { recursive: true });
    writeFileSync(join(home, "secret.html"), "secret");
    writeFileSync(join(folder, "index.html"), "<p>page</p>");
    writeFileSync(join(folder, "assets/index-1a.js"), "1;");
    writeFileSync(join(folder, "assets/index-1a.css"), "p {}");
    writeFileSync(join(folder, "icon.svg"), "<svg/>");
    writeFileSync(join(folder, "notes.txt"), "secret");
    symlinkSync(join(home, "secret.html"), join(folder, "linked.html"));
    const files = pageFiles(folder);
    assert(files !== undefined, "there is a page");
    server = new HttpServer({
      routes: pageRoutes(files, "/ui"),
      access: { origins: [], loopback: true, token: "a token that is not asked for" },
      ...{ tls: undefined, limits: httpLimits },
      peer: () => false,
      client: () => undefined,
      onFault: (error) => {
        throw error;
      },
    });
    port = await server.listen({ host: "127.0.0.1", port: 0 });
  });
  after(async () => {
    await server.close(0);
    rmSync(home, { recursive: true });
  });

  /** Asks for a path as it stands: `fetch` would shorten it. */
  function asked(path: string, method = "GET", headers = {}): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const asking = request(
        { host: "127.0.0.1", port, path, method, headers, agent: false },
        (response) => {
          let body = "";
          response.setEncoding("utf8");
          response.on("data", (chunk: string) => (body += chunk));
          response.on("end", () => {
            const { statusCode: status = 0 } = response;
            resolve({ status, headers: response.headers, body });
          });
        },
      );
      asking.on("error", reject).end();
    });
  }

  it("have their types, and may do what the page needs and no more", async () => {
    for (const [path, type] of [
      ["/ui/", "text/html; charset=utf-8"],
      ["/ui/index.html", "text/html; charset=utf-8"],
      ["/ui/assets/index-1a.js", "text/javascript; charset=utf-8"],
      ["/ui/assets/index-1a.css", "text/css; charset=utf-8"],
      ["/ui/icon.svg", "image/svg+xml"],
    ] as const) {
      const { status, headers } = await asked(path);
      expect(status, path).to.equal(200);
      expect(headers["content-type"], path).to.equal(type);
      expect(headers["x-content-type-options"]).to.equal("nosniff");
      const policy = String(headers["content-security-policy"]);
      expect(policy).to.match(/^default-src 'none'; script-src 'self' 'unsafe-eval';/);
      expect(policy).to.contain("frame-ancestors 'none'");
    }
    const { body } = await asked("/ui/");
    expect(body).to.equal("<p>page</p>");
  });

  it("are kept by browsers where their names change with them, and asked for again elsewhere", async () => {
    expect((await asked("/ui/")).headers["cache-control"]).to.equal("no-cache");
    const { headers } = await asked("/ui/assets/index-1a.js");
    expect(headers["cache-control"]).to.contain("immutable");
  });

  it("are given to the page itself, whose browser names its site", async () => {
    const origin = `http://127.0.0.1:${port}`;
    expect((await asked("/ui/assets/index-1a.js", "GET", { origin })).status).to.equal(200);
  });

  it("are found from the address without its last slash", async () => {
    const { status, headers } = await asked("/ui");
    expect(status).to.equal(308);
    expect(headers["location"]).to.equal("/ui/");
  });

  it("are all that is given, whatever a path looks like", async () => {
    for (const path of [
      "/ui/../secret.html",
      "/ui/%2e%2e/secret.html",
      "/ui/..%2fsecret.html",
      "/ui/..%5csecret.html",
      "/ui/assets/..%2f..%2fsecret.html",
      "/ui//secret.html",
      "/ui/%2fetc%2fpasswd",
      "/ui/linked.html",
      "/ui/notes.txt",
      "/ui/assets/",
      "/ui/assets",
      "/ui/assets%2findex-1a.js%00.html",
      "/ui/a/b/c.js",
    ]) {
      const { status, body } = await asked(path);
      expect(status, path).to.equal(404);
      expect(body, path).not.to.contain("secret\n");
      expect(body, path).to.match(/"code":"not-found"/);
    }
    expect((await asked("/ui/%E0%A4%A")).status).to.equal(400);
    expect((await asked("/ui/", "POST")).status).to.equal(405);
  });

  it("are none where nothing was built", () => {
    expect(pageFiles(join(home, "nowhere"))).to.equal(undefined);
    expect(pageFiles(join(folder, "assets"))).to.equal(undefined);
  });
});
