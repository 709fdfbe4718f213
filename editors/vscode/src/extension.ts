/** Where the extension begins: puts the parts together. */

import * as vscode from "vscode";

import { showIncluders, switchSourceHeader } from "./features/navigation.ts";
import { RESTARTING } from "./options.ts";
import { Server } from "./server/server.ts";

let server: Server | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const log = vscode.window.createOutputChannel("cpplsp", { log: true });
  const trace = vscode.window.createOutputChannel("cpplsp trace", { log: true });
  server = new Server(log, trace, vscode.Uri.joinPath(context.globalStorageUri, "server").fsPath);
  const running = server;
  context.subscriptions.push(
    log,
    trace,
    running,
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (RESTARTING.some((name) => event.affectsConfiguration(`cpplsp.${name}`))) void running.restart();
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(() => {
      if (running.condition.name === "missing") void running.restart();
    }),
    vscode.commands.registerCommand("cpplsp.switchSourceHeader", () => switchSourceHeader(running)),
    vscode.commands.registerCommand("cpplsp.showIncluders", () => showIncluders(running)),
    vscode.commands.registerCommand("cpplsp.restart", () => running.restart()),
  );
  await running.restart();
}

export function deactivate(): Promise<void> | undefined {
  return server?.stop();
}
