// `calm playground`: the page that is the playground, served on this machine.
import { spawn } from "node:child_process";

import { httpLimits } from "../server/http/http-limits.ts";
import { HttpServer } from "../server/http/http-server.ts";
import { Problem } from "../server/http/problem.ts";
import { pageFiles, pageRoutes } from "../server/page-routes.ts";
import { CommandError, type ExitCode, exitCodes } from "./exit.ts";
import type { Host } from "./host.ts";
import { pageFolder } from "./page-folder.ts";

/** What the command line says. */
export type PlaygroundOptions = { readonly port: number; readonly open?: boolean };

/** How long what is being answered may take when the command ends. */
const graceMs = 500;

/** Serves the page until it is told to stop. */
export async function playground(
  { port, open = false }: PlaygroundOptions,
  host: Host,
): Promise<ExitCode> {
  const files = pageFiles(pageFolder);
  if (files === undefined)
    throw new CommandError(
      exitCodes.problem,
      "the playground was not built",
      "in the sources of calmdb: npm run playground:build",
    );
  const server = new HttpServer({
    routes: pageRoutes(files, ""),
    access: { origins: [], loopback: true },
    ...{ tls: undefined, limits: httpLimits },
    peer: () => false,
    client: () => {
      throw new Problem(400, "bad-request", "the page is asked by HTTP alone");
    },
    onFault: (error) => {
      host.stderr.write(`calm: ${error instanceof Error ? error.message : String(error)}\n`);
    },
  });
  const stopped = signalled();
  const url = `http://127.0.0.1:${await listening(server, port)}/`;
  host.stdout.write(`${url}\n`);
  if (open) show(url, host);
  await stopped;
  await server.close(graceMs);
  return exitCodes.ok;
}

async function listening(server: HttpServer, port: number): Promise<number> {
  try {
    return await server.listen({ host: "127.0.0.1", port });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === "EADDRINUSE" ? "another process does" : message;
    throw new CommandError(
      exitCodes.usage,
      `cannot listen on 127.0.0.1:${port}: ${why}`,
      "give another port with --port; 0 is any that is free",
    );
  }
}

/** Has the browser that this machine prefers, or that BROWSER names, show a page. */
function show(url: string, host: Host): void {
  const usual = { darwin: "open", win32: "explorer" } as Partial<Record<string, string>>;
  const command = host.env["BROWSER"] ?? usual[process.platform] ?? "xdg-open";
  const browser = spawn(command, [url], { stdio: "ignore", detached: true });
  browser.on("error", ({ message }) => {
    host.stderr.write(`calm: no browser was opened: ${message}\n`);
  });
  browser.unref();
}

function signalled(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const)
      process.once(signal, () => {
        resolve();
      });
  });
}
