/** Tests in the real extension host: VS Code loads this beside the extension, and calls {@link run}. */

import * as vscode from "vscode";

import type { Case } from "./case.ts";
import { commands } from "./commands.ts";
import { navigation } from "./navigation.ts";

const CASES: Record<string, Case> = { ...navigation, ...commands };

/** Run all of them, one after another. Throws when one has failed; the console goes to whoever drives the browser. */
export async function run(): Promise<void> {
  // VS Code knows no settings of a person's while it runs tests; a new path starts the server there.
  const settings = vscode.workspace.getConfiguration("cpplsp");
  await settings.update("cacheDir", process.env["EXTENSION_TEST_CACHE"], vscode.ConfigurationTarget.Global);
  await settings.update("path", process.env["EXTENSION_TEST_CPPLSP"], vscode.ConfigurationTarget.Global);
  const failed: string[] = [];
  for (const [name, test] of Object.entries(CASES)) {
    const began = Date.now();
    try {
      await test();
      console.log(`ok ${name} (${Date.now() - began} ms)`);
    } catch (error) {
      failed.push(name);
      console.log(`not ok ${name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    }
  }
  if (failed.length > 0) throw new Error(`failed: ${failed.join(", ")}`);
}
