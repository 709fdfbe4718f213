/** Where the extension begins: puts the parts together. */

import * as vscode from "vscode";

import {
  administrate,
  openCacheFolder,
  openLog,
  prewarm,
  reindex,
  typeInTerminal,
} from "./features/administration.ts";
import { checkOthers } from "./features/coexistence.ts";
import { MemoryView } from "./features/memory.ts";
import { showIncluders, switchSourceHeader } from "./features/navigation.ts";
import { CompileDatabaseHint, openWalkthrough } from "./features/walkthrough.ts";
import { RESTARTING } from "./options.ts";
import { Installer } from "./server/installing.ts";
import { type Condition, Server } from "./server/server.ts";
import { StatusBar } from "./status/bar.ts";
import { showMenu } from "./status/menu.ts";
import { StatusPage } from "./status/page.ts";

let server: Server | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const log = vscode.window.createOutputChannel("cpplsp", { log: true });
  const trace = vscode.window.createOutputChannel("cpplsp trace", { log: true });
  const own = vscode.Uri.joinPath(context.globalStorageUri, "server").fsPath;
  const wheels = vscode.Uri.joinPath(context.extensionUri, "server").fsPath;
  const running = (server = new Server(log, trace, own));
  const installer = new Installer(running, own, wheels, log);
  const bar = new StatusBar(running);
  const page = new StatusPage(running);
  const memory = new MemoryView(running);
  const hint = new CompileDatabaseHint(context.workspaceState, running);

  const commands: Record<string, (argument?: unknown) => unknown> = {
    switchSourceHeader: () => switchSourceHeader(running),
    showIncluders: () => showIncluders(running),
    showMenu: () => showMenu(running, bar),
    showStatus: () => page.show(),
    showMemoryUsage: () => memory.show(),
    refreshMemoryUsage: () => memory.measure(),
    closeMemoryUsage: () => memory.close(),
    reindex: () => reindex(running),
    retryFailed: () => administrate(running, "retryFailed"),
    pauseIndexing: () => administrate(running, "pause"),
    resumeIndexing: () => administrate(running, "resume"),
    restart: () => running.restart(),
    openLog: () => openLog(log),
    openCacheFolder: () => openCacheFolder(running),
    prewarm: () => prewarm(running),
    install: () => installer.install(),
    openWalkthrough: () => openWalkthrough("compileDatabase"),
    openTour: () => openWalkthrough("tour"),
    openPathSetting: () => vscode.commands.executeCommand("workbench.action.openSettings", "cpplsp.path"),
    checkOtherExtensions: () => checkOthers(context.globalState, true),
    typeInTerminal,
  };
  context.subscriptions.push(
    ...[log, trace, running, bar, page, memory, hint],
    ...Object.entries(commands).map(([name, run]) => vscode.commands.registerCommand(`cpplsp.${name}`, run)),
    running.onDidChangeCondition((condition) => {
      if (condition.name === "missing") void installer.offer();
      if (condition.name === "ended") void tellOfEnd(condition, running, log);
    }),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (RESTARTING.some((name) => event.affectsConfiguration(`cpplsp.${name}`))) void running.restart();
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(() => {
      // The workspace's own environment may have one.
      if (running.condition.name === "missing") void running.restart();
    }),
  );
  // Questions are asked beside it: an answer may be long in coming.
  void checkOthers(context.globalState, false);
  await running.restart();
  void installer.update();
}

/** The server is not started again by itself: say why, and what can be done. */
async function tellOfEnd(
  condition: Extract<Condition, { name: "ended" }>,
  running: Server,
  log: vscode.LogOutputChannel,
): Promise<void> {
  const reason = condition.reason === "" ? "it said nothing" : condition.reason;
  const [restart, install, open] = ["Restart", "Install Again", "Open Log"];
  const answer = await vscode.window.showErrorMessage(
    `cpplsp: the server has ended, and is not started again by itself: ${reason}. What is indexed is kept.`,
    restart,
    // The environment may be of a Python that is gone, or is another one by now.
    ...(running.found?.origin === "own" ? [install] : []),
    open,
  );
  if (answer === restart) await running.restart();
  if (answer === install) await vscode.commands.executeCommand("cpplsp.install");
  if (answer === open) await openLog(log);
}

export function deactivate(): Promise<void> | undefined {
  return server?.stop();
}
