/** Walkthroughs, and the way of a person whose project has no compile database to one of them. */

import * as path from "node:path";
import * as vscode from "vscode";

import type { Server } from "../server/server.ts";

const NEVER = "cpplsp.neverAskForCompileDatabase";

/** Open one of the walkthroughs that the manifest has. */
export async function openWalkthrough(id: "compileDatabase" | "tour"): Promise<void> {
  await vscode.commands.executeCommand("workbench.action.openWalkthrough", `cpplsp.cpplsp#${id}`, false);
}

/** Says so where a folder has no compile database, as the server knows: files of settings may name one, too. Steps of
 *  the walkthrough are done when there is one. */
export class CompileDatabaseHint implements vscode.Disposable {
  readonly #memory: vscode.Memento;
  readonly #told = new Set<string>();
  readonly #listening: vscode.Disposable;

  constructor(memory: vscode.Memento, server: Server) {
    this.#memory = memory;
    this.#listening = server.onDidChangeIndexState((state) => {
      if (state.database) void vscode.commands.executeCommand("setContext", "cpplsp.hasCompileDatabase", true);
      if (state.database === "" && !this.#told.has(state.folder)) void this.#tell(state.folder);
    });
  }

  dispose(): void {
    this.#listening.dispose();
  }

  async #tell(folder: string): Promise<void> {
    this.#told.add(folder);
    if (this.#memory.get<boolean>(NEVER) === true) return;
    const [show, never] = ["Show Me How", "Not for This Workspace"];
    const answer = await vscode.window.showInformationMessage(
      `cpplsp: ${path.basename(folder)} has no compile_commands.json: how its files are compiled is guessed, and what cannot be guessed is missing.`,
      show,
      never,
    );
    if (answer === show) await openWalkthrough("compileDatabase");
    if (answer === never) await this.#memory.update(NEVER, true);
  }
}
