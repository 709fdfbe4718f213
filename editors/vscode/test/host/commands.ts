/** The extension's own commands and settings. */

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";
import * as vscode from "vscode";

import { type Case, open, until } from "./case.ts";

interface Manifest {
  contributes: {
    commands: { command: string }[];
    configuration: { properties: Record<string, { default: unknown }> }[];
  };
}

function manifest(): Manifest {
  const extension = vscode.extensions.getExtension("cpplsp.cpplsp");
  assert.ok(extension);
  return extension.packageJSON as Manifest;
}

function activeFile(): string {
  return path.basename(vscode.window.activeTextEditor?.document.fileName ?? "");
}

/** Process ids of the servers that the extension host has started. */
function servers(): string[] {
  const pids = readdirSync("/proc/self/task").flatMap((task) =>
    readFileSync(`/proc/self/task/${task}/children`, "utf8").split(" ").filter(Boolean),
  );
  const isServer = (pid: string): boolean => {
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
      return words.includes(process.env["EXTENSION_TEST_CPPLSP"] ?? "");
    } catch {
      return false; // it has ended meanwhile
    }
  };
  return pids.filter(isServer);
}

export const commands: Record<string, Case> = {
  async "every command of the manifest is there"() {
    const known = new Set(await vscode.commands.getCommands(true));
    const missing = manifest().contributes.commands.filter((one) => !known.has(one.command));
    assert.deepEqual(missing, []);
  },

  async "the server's commands are there, under names of their own"() {
    const known = new Set(await vscode.commands.getCommands(true));
    for (const name of ["rebuild", "retryFailed", "pause", "resume"]) assert.ok(known.has(`cpplsp.index.${name}`), name);
  },

  async "from a source to its header and back"() {
    await open("src/parser.cpp");
    for (const expected of ["parser.hpp", "parser.cpp"]) {
      await vscode.commands.executeCommand("cpplsp.switchSourceHeader");
      assert.equal(activeFile(), expected);
    }
  },

  async "a setting reaches the server: the index lies in the folder that it names"() {
    const cache = process.env["EXTENSION_TEST_CACHE"] ?? "";
    const [folder] = await until(
      () => readdirSync(cache),
      (names) => names.some((name) => name.startsWith("calculator-")),
    );
    assert.ok(existsSync(path.join(cache, folder ?? "", "index.sqlite")));
  },

  async "a restart leaves one server, that answers"() {
    // The second and third find one that has no process yet.
    for (let i = 0; i < 3; i++) await vscode.commands.executeCommand("cpplsp.restart");
    const found = await until(
      () => vscode.commands.executeCommand<vscode.SymbolInformation[]>("vscode.executeWorkspaceSymbolProvider", "Binary"),
      (answer) => answer.some((one) => one.name === "Binary"),
    );
    // Two servers would each tell of it.
    assert.equal(found.filter((one) => one.name === "Binary" && one.kind === vscode.SymbolKind.Class).length, 1);
    await until(servers, (pids) => pids.length === 1);
  },

  async "what is asked while the server starts is answered when it runs"() {
    await open("src/parser.cpp");
    await vscode.commands.executeCommand("cpplsp.restart");
    await vscode.commands.executeCommand("cpplsp.switchSourceHeader");
    assert.equal(activeFile(), "parser.hpp");
  },

  async "indexing is paused, resumed, and done anew without a question that hangs"() {
    await vscode.commands.executeCommand("cpplsp.pauseIndexing");
    await vscode.commands.executeCommand("cpplsp.resumeIndexing");
    await vscode.commands.executeCommand("cpplsp.retryFailed");
    await vscode.commands.executeCommand("cpplsp.index.rebuild");
    await until(
      () => vscode.commands.executeCommand<vscode.SymbolInformation[]>("vscode.executeWorkspaceSymbolProvider", "Binary"),
      (answer) => answer.some((one) => one.name === "Binary"),
    );
  },

  async "a project is indexed in a terminal, that says what is run"() {
    await vscode.commands.executeCommand("cpplsp.prewarm");
    const terminal = vscode.window.terminals.find((one) => one.name === "cpplsp");
    assert.ok(terminal);
    terminal.dispose();
  },

  async "the status page opens"() {
    await vscode.commands.executeCommand("cpplsp.showStatus");
    await until(
      () => vscode.window.tabGroups.activeTabGroup.activeTab?.label,
      (label) => label === "C/C++ Index",
    );
  },
};
