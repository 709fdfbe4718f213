/** The view of what the server and its workers take, in the explorer while it is asked for. */

import * as vscode from "vscode";

import { bytesText } from "../amounts.ts";
import { MEMORY_USAGE, type MemoryTree } from "../protocol.ts";
import type { Server } from "../server/server.ts";
import { type MemoryRow, memoryRows } from "./memoryTree.ts";

const SHOWN = "cpplsp.showsMemoryUsage";

/** Measured when asked for, and when it is asked for again: nothing is polled. */
export class MemoryView implements vscode.TreeDataProvider<MemoryRow>, vscode.Disposable {
  readonly #server: Server;
  readonly #changed = new vscode.EventEmitter<undefined>();
  readonly #view: vscode.TreeView<MemoryRow>;
  #rows: MemoryRow[] = [];

  readonly onDidChangeTreeData = this.#changed.event;

  constructor(server: Server) {
    this.#server = server;
    this.#view = vscode.window.createTreeView("cpplsp.memoryUsage", { treeDataProvider: this });
  }

  /** Measure, and show it. */
  async show(): Promise<void> {
    await this.measure();
    await vscode.commands.executeCommand("setContext", SHOWN, true);
    await vscode.commands.executeCommand("cpplsp.memoryUsage.focus");
  }

  async measure(): Promise<void> {
    const client = await this.#server.ready();
    const tree = await client?.sendRequest<MemoryTree>(MEMORY_USAGE);
    if (tree === undefined) return;
    this.#rows = [{ label: "all processes", description: bytesText(tree._total), parts: memoryRows(tree) }];
    this.#changed.fire(undefined);
  }

  async close(): Promise<void> {
    await vscode.commands.executeCommand("setContext", SHOWN, false);
  }

  getChildren(row?: MemoryRow): MemoryRow[] {
    return row === undefined ? this.#rows : row.parts;
  }

  getTreeItem(row: MemoryRow): vscode.TreeItem {
    const { Expanded, None } = vscode.TreeItemCollapsibleState;
    const item = new vscode.TreeItem(row.label, row.parts.length > 0 ? Expanded : None);
    item.description = row.description;
    return item;
  }

  dispose(): void {
    this.#view.dispose();
    this.#changed.dispose();
  }
}
