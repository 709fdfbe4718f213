/** What a person does about the index and its server. */

import { existsSync } from "node:fs";
import * as path from "node:path";
import * as vscode from "vscode";
import { ExecuteCommandRequest } from "vscode-languageclient";

import { indexOnlyArguments, logPath, shellWord } from "../options.ts";
import { type FolderStatus, INDEX_STATUS, SERVER_COMMANDS } from "../protocol.ts";
import { configuration, homeVariables, type Server, variables } from "../server/server.ts";

const PROMPT_WITHIN_MS = 3000;

/** Have the server do something about the index of all folders. */
export async function administrate(server: Server, command: keyof typeof SERVER_COMMANDS): Promise<void> {
  const client = await server.ready();
  await client?.sendRequest(ExecuteCommandRequest.type, { command: SERVER_COMMANDS[command] });
}

/** Make the index anew, if the person means it. */
export async function reindex(server: Server): Promise<void> {
  const answer = await vscode.window.showWarningMessage(
    "Re-index from scratch?",
    {
      modal: true,
      detail: "What the index holds is thrown away, and every file is read again. Files that changed are read anew without that.",
    },
    "Re-index",
  );
  if (answer === "Re-index") await administrate(server, "rebuild");
}

/** Show the folder that an index lies in: in the system's file manager, or – far from it – in a terminal. */
export async function openCacheFolder(server: Server): Promise<void> {
  const client = await server.ready();
  if (client === undefined) return;
  const folders = await client.sendRequest<FolderStatus[]>(INDEX_STATUS);
  const paths = folders.flatMap(({ index }) => (index === null ? [] : [path.dirname(index.path)]));
  const chosen = paths.length > 1 ? await vscode.window.showQuickPick(paths, { title: "Which cache folder?" }) : paths[0];
  if (chosen === undefined) {
    if (paths.length === 0) void vscode.window.showInformationMessage("cpplsp: there is no index yet.");
    return;
  }
  if (vscode.env.remoteName === undefined) {
    await vscode.commands.executeCommand("revealFileInOS", vscode.Uri.file(chosen));
  } else {
    vscode.window.createTerminal({ name: "cpplsp cache", cwd: chosen }).show();
  }
}

/** Index a folder in a terminal, with the settings that hold here: the server takes over what is there. */
export async function prewarm(server: Server): Promise<void> {
  const found = server.find();
  if (!("command" in found)) {
    await vscode.commands.executeCommand("cpplsp.install");
    return;
  }
  const folders = vscode.workspace.workspaceFolders ?? [];
  const folder = folders.length > 1 ? await vscode.window.showWorkspaceFolderPick() : folders[0];
  if (folder === undefined) return;
  const words = [found.command, ...indexOnlyArguments(configuration(folder), variables(folder)), folder.uri.fsPath];
  const terminal = vscode.window.createTerminal({ name: "cpplsp", cwd: folder.uri });
  terminal.show();
  terminal.sendText(words.map(shellWord).join(" "));
}

/** Put a command into a terminal for the person to look at, and to run. */
export async function typeInTerminal(command: unknown): Promise<void> {
  if (typeof command !== "string") return;
  const terminal = vscode.window.createTerminal();
  terminal.show();
  await promptOf(terminal);
  terminal.sendText(command, false);
}

/** Wait for a shell's prompt, where VS Code can tell: what is typed before it is on the screen twice. */
async function promptOf(terminal: vscode.Terminal): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, PROMPT_WITHIN_MS);
    const listening = vscode.window.onDidChangeTerminalShellIntegration((event) => {
      if (event.terminal !== terminal) return;
      clearTimeout(timer);
      listening.dispose();
      resolve();
    });
  });
}

/** The log: the file that a setting names; the output channel where there is none, and where it was never written. */
export async function openLog(log: vscode.LogOutputChannel): Promise<void> {
  const file = logPath(configuration(), homeVariables());
  if (file !== undefined && existsSync(file)) await vscode.window.showTextDocument(vscode.Uri.file(file));
  else log.show();
}
