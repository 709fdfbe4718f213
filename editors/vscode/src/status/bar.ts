/** The item in the status bar: how far the index is, what that takes, and a menu behind it. */

import { realpathSync } from "node:fs";
import * as vscode from "vscode";

import type { IndexState } from "../protocol.ts";
import { localFolders, type Server } from "../server/server.ts";
import { isPaused, itemText } from "./text.ts";

/** Shown as long as the extension is active. Sets the contexts `cpplsp.isRunning` and `cpplsp.isPaused`, too. */
export class StatusBar implements vscode.Disposable {
  readonly #server: Server;
  readonly #item: vscode.StatusBarItem;
  readonly #states = new Map<string, IndexState>();
  readonly #disposables: { dispose(): unknown }[];

  constructor(server: Server) {
    this.#server = server;
    this.#item = vscode.window.createStatusBarItem("status", vscode.StatusBarAlignment.Left, 0);
    this.#item.name = "cpplsp";
    this.#item.command = "cpplsp.showMenu";
    this.#disposables = [
      this.#item,
      server.onDidChangeCondition(() => {
        if (server.condition.name !== "running") this.#states.clear();
        this.#show();
      }),
      server.onDidChangeIndexState((state) => {
        this.#states.set(state.folder, state);
        this.#show();
      }),
      vscode.workspace.onDidChangeWorkspaceFolders(() => {
        const there = localFolders().map(realPath);
        for (const folder of this.#states.keys()) if (!there.includes(folder)) this.#states.delete(folder);
        this.#show();
      }),
    ];
    this.#show();
    this.#item.show();
  }

  /** How far each folder is, as the server said last. */
  get states(): IndexState[] {
    return [...this.#states.values()];
  }

  dispose(): void {
    vscode.Disposable.from(...this.#disposables).dispose();
  }

  #show(): void {
    const { text, details, isWarning } = itemText(this.#server.condition, this.states);
    this.#item.text = text;
    this.#item.tooltip = new vscode.MarkdownString([...details, this.#serverText()].join("\n\n"));
    this.#item.backgroundColor = isWarning ? new vscode.ThemeColor("statusBarItem.warningBackground") : undefined;
    const isRunning = this.#server.condition.name === "running";
    void vscode.commands.executeCommand("setContext", "cpplsp.isRunning", isRunning);
    void vscode.commands.executeCommand("setContext", "cpplsp.isPaused", isPaused(this.states));
  }

  #serverText(): string {
    const { found, version } = this.#server;
    return found === undefined ? "" : `cpplsp ${version ?? ""} · \`${found.command}\``;
  }
}

/** As the server names folders. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
