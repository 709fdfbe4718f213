/** Leads a person whose project has no compile database to one. */

import { existsSync } from "node:fs";
import * as path from "node:path";
import * as vscode from "vscode";

import { expand } from "../options.ts";
import { configuration, variables } from "../server/server.ts";
import { hasCompileDatabase } from "./compileDatabase.ts";

const NEVER = "cpplsp.neverAskForCompileDatabase";
const WALKTHROUGH = "cpplsp.cpplsp#compileDatabase";

export async function openWalkthrough(): Promise<void> {
  await vscode.commands.executeCommand("workbench.action.openWalkthrough", WALKTHROUGH, false);
}

/** Say so where a folder has no compile database; steps of the walkthrough are done when there is one. */
export class CompileDatabaseHint implements vscode.Disposable {
  readonly #memory: vscode.Memento;
  readonly #watchers: vscode.Disposable[];

  constructor(memory: vscode.Memento) {
    this.#memory = memory;
    const watcher = vscode.workspace.createFileSystemWatcher("**/{compile_commands.json,compile_flags.txt}");
    this.#watchers = [watcher, watcher.onDidCreate(() => this.#lacking()), watcher.onDidDelete(() => this.#lacking())];
  }

  /** Look, and ask, once for each workspace. */
  async check(): Promise<void> {
    const lacking = this.#lacking();
    if (lacking.length === 0 || this.#memory.get<boolean>(NEVER) === true) return;
    const [show, never] = ["Show Me How", "Not for This Workspace"];
    const answer = await vscode.window.showInformationMessage(
      `cpplsp: ${lacking.map((folder) => folder.name).join(", ")} has no compile_commands.json: how its files are compiled is guessed, and what cannot be guessed is missing.`,
      show,
      never,
    );
    if (answer === show) await openWalkthrough();
    if (answer === never) await this.#memory.update(NEVER, true);
  }

  dispose(): void {
    vscode.Disposable.from(...this.#watchers).dispose();
  }

  #lacking(): vscode.WorkspaceFolder[] {
    const folders = (vscode.workspace.workspaceFolders ?? []).filter((folder) => folder.uri.scheme === "file");
    const lacking = folders.filter((folder) => {
      const setting = configuration(folder).get<string>("compileCommandsDir");
      const named = setting ? expand(setting, variables(folder)) : undefined;
      return !hasCompileDatabase(path.normalize(folder.uri.fsPath), named, existsSync);
    });
    const hasAll = folders.length > 0 && lacking.length === 0;
    void vscode.commands.executeCommand("setContext", "cpplsp.hasCompileDatabase", hasAll);
    return lacking;
  }
}
