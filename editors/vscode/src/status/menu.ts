/** The menu behind the status bar's item. */

import * as vscode from "vscode";

import type { Server } from "../server/server.ts";
import type { StatusBar } from "./bar.ts";
import { isPaused } from "./text.ts";

interface Entry extends vscode.QuickPickItem {
  command?: string;
}

const SEPARATOR: Entry = { label: "", kind: vscode.QuickPickItemKind.Separator };

/** Offer what can be done now, and do it. */
export async function showMenu(server: Server, bar: StatusBar): Promise<void> {
  const chosen = await vscode.window.showQuickPick<Entry>(entries(server, bar), {
    title: "cpplsp",
    placeHolder: "C/C++ index",
    matchOnDescription: true,
  });
  if (chosen?.command !== undefined) await vscode.commands.executeCommand(chosen.command);
}

function entries(server: Server, bar: StatusBar): Entry[] {
  if (server.condition.name === "missing") {
    return [
      entry("cloud-download", "Install the server", "into an environment of its own", "install"),
      entry("settings-gear", "Name the server that is to run", "cpplsp.path", "openPathSetting"),
      entry("debug-restart", "Look for it again", "", "restart"),
    ];
  }
  const isOwnDown = server.client === undefined && server.found?.origin === "own";
  const failed = bar.states.reduce((sum, state) => sum + state.failed, 0);
  const live =
    server.client === undefined
      ? []
      : [
          entry("info", "Show index status", "what it holds, and which units failed", "showStatus"),
          entry("server-process", "Show memory usage", "of each process", "showMemoryUsage"),
          SEPARATOR,
          isPaused(bar.states)
            ? entry("debug-continue", "Resume indexing", "", "resumeIndexing")
            : entry("debug-pause", "Pause indexing", "what is indexed answers", "pauseIndexing"),
          entry("debug-rerun", "Retry failed units", failed > 0 ? `${failed} failed` : "none failed", "retryFailed"),
          entry("database", "Re-index from scratch…", "throws away what the index holds", "reindex"),
          entry("folder-opened", "Open cache folder", "", "openCacheFolder"),
        ];
  return [
    ...live,
    SEPARATOR,
    entry("debug-restart", "Restart server", "", "restart"),
    ...(isOwnDown ? [entry("cloud-download", "Install the server again", "into its own environment", "install")] : []),
    entry("output", "Open log", "", "openLog"),
    entry("book", "How to get a compile database", "CMake, Meson, Bear", "openWalkthrough"),
  ];
}

function entry(icon: string, label: string, description: string, command: string): Entry {
  return { label: `$(${icon}) ${label}`, description, command: `cpplsp.${command}` };
}
