/** What tests in the extension host share. */

import * as path from "node:path";
import * as vscode from "vscode";

/** A test: fails by throwing. */
export type Case = () => Promise<void>;

const WITHIN_MS = 60_000;
const AGAIN_AFTER_MS = 200;

/** Path of the folder that is open. */
export function root(): string {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  if (folder === undefined) throw new Error("no folder is open");
  return folder.uri.fsPath;
}

/** Open a file of the folder. */
export async function open(file: string): Promise<vscode.TextDocument> {
  const document = await vscode.workspace.openTextDocument(vscode.Uri.file(path.join(root(), file)));
  await vscode.window.showTextDocument(document);
  return document;
}

/** The place of a text in a document; `offset`: characters after its beginning. */
export function at(document: vscode.TextDocument, text: string, offset = 0): vscode.Position {
  const found = document.getText().indexOf(text);
  if (found < 0) throw new Error(`${document.fileName} does not hold ${text}`);
  return document.positionAt(found + offset);
}

/** Ask until the answer is as it should be: the server may be on its way. */
export async function until<T>(ask: () => Thenable<T> | T, isSo: (answer: T) => boolean): Promise<T> {
  const end = Date.now() + WITHIN_MS;
  for (;;) {
    const answer = await ask();
    if (isSo(answer)) return answer;
    if (Date.now() > end) throw new Error(`still: ${JSON.stringify(answer)}`);
    await new Promise((resolve) => setTimeout(resolve, AGAIN_AFTER_MS));
  }
}
