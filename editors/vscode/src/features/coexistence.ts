/** Asks what to do about other extensions that answer the same questions. */

import * as vscode from "vscode";

import { configuration } from "../server/server.ts";
import { question, rivals } from "./others.ts";

const NEVER = "cpplsp.neverAskAboutOthers";

/** Ask, once for each set of them – or now, `byHand` – and turn them off as the person says. */
export async function checkOthers(memory: vscode.Memento, byHand: boolean): Promise<void> {
  if (!byHand && !configuration().get<boolean>("detectOtherExtensions", true)) return;
  const settings = vscode.workspace.getConfiguration();
  const found = rivals(
    (id) => vscode.extensions.getExtension(id) !== undefined,
    (name) => settings.get(name),
  );
  const asked = found.map((one) => one.id).join();
  if (found.length === 0) {
    if (byHand) void vscode.window.showInformationMessage("cpplsp: no other extension answers the same questions.");
    return;
  }
  if (!byHand && memory.get<string>(NEVER) === asked) return;
  const [here, everywhere, keep] = ["In This Workspace", "Everywhere", "Keep Both"];
  const choices = vscode.workspace.workspaceFolders === undefined ? [everywhere, keep] : [here, everywhere, keep];
  const answer = await vscode.window.showWarningMessage(question(found), ...choices);
  if (answer === keep) await memory.update(NEVER, asked);
  if (answer !== here && answer !== everywhere) return;
  const { Global, Workspace } = vscode.ConfigurationTarget;
  for (const one of found) await settings.update(one.setting, one.off, answer === here ? Workspace : Global);
  const late = found.filter((one) => one.takesReload).map((one) => one.name);
  if (late.length > 0) await offerReload(late.join(" and "));
}

async function offerReload(names: string): Promise<void> {
  const reload = "Reload Window";
  const answer = await vscode.window.showInformationMessage(
    `cpplsp: ${names} goes on until the window is loaded again.`,
    reload,
  );
  if (answer === reload) await vscode.commands.executeCommand("workbench.action.reloadWindow");
}
