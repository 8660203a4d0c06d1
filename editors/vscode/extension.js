// Starts `calm lsp --stdio` and connects VS Code to it.
"use strict";

const { existsSync } = require("node:fs");
const { isAbsolute, join } = require("node:path");
const { commands, window, workspace } = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

let client;

exports.activate = async (context) => {
  context.subscriptions.push(commands.registerCommand("calm.restartServer", restart));
  await start();
};

exports.deactivate = () => client?.stop();

async function start() {
  const [command, ...given] = commandOf(workspace.getConfiguration("calm"));
  const watched = workspace.createFileSystemWatcher(
    "**/{*.dl,calm.config.json,calm-baseline.json}",
  );
  client = new LanguageClient(
    "calm",
    "calm",
    { command, args: [...given, "lsp", "--stdio", ...argumentsOf()], options: { cwd: folder() } },
    {
      documentSelector: [{ language: "calm" }],
      synchronize: { fileEvents: watched },
    },
  );
  try {
    await client.start();
  } catch (error) {
    const hint = "install calmdb in the project, or set calm.path";
    void window.showErrorMessage(`calm cannot be started as ${command}: ${hint} (${error})`);
  }
}

async function restart() {
  await client?.stop();
  await start();
}

/** The setting, the command of the project's own calmdb or of calmdb itself, else that on the path. */
function commandOf(settings) {
  const set = settings.get("path", "");
  if (set !== "") return [isAbsolute(set) || folder() === undefined ? set : join(folder(), set)];
  for (const { uri } of workspace.workspaceFolders ?? []) {
    for (const script of ["node_modules/calmdb/dist/bin/calm.cjs", "dist/bin/calm.cjs"]) {
      const path = join(uri.fsPath, script);
      // By Node itself: a command in node_modules/.bin is another file on each system.
      if (workspace.isTrusted && existsSync(path)) return ["node", path];
    }
  }
  return ["calm"];
}

function argumentsOf() {
  return workspace.getConfiguration("calm").get("arguments", []);
}

function folder() {
  return workspace.workspaceFolders?.[0]?.uri.fsPath;
}
