/** From a source to its header and back, and from a header to the files that include it. */

import * as vscode from "vscode";
import type { Location } from "vscode-languageclient";

import { INCLUDERS, SWITCH_SOURCE_HEADER } from "../protocol.ts";
import type { Server } from "../server/server.ts";

/** Open the header of the source in the editor, or the source of the header. */
export async function switchSourceHeader(server: Server): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  const client = editor && (await server.ready());
  if (editor === undefined || client === undefined) return;
  const document = client.code2ProtocolConverter.asTextDocumentIdentifier(editor.document);
  const uri = await client.sendRequest<string | null>(SWITCH_SOURCE_HEADER, document);
  if (uri === null) {
    vscode.window.setStatusBarMessage("cpplsp: this file has no counterpart", 4000);
    return;
  }
  await vscode.window.showTextDocument(client.protocol2CodeConverter.asUri(uri));
}

/** Show the lines that include the file in the editor. */
export async function showIncluders(server: Server): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  const client = editor && (await server.ready());
  if (editor === undefined || client === undefined) return;
  const document = client.code2ProtocolConverter.asTextDocumentIdentifier(editor.document);
  const found = await client.sendRequest<Location[]>(INCLUDERS, document);
  const locations = await client.protocol2CodeConverter.asReferences(found);
  await vscode.commands.executeCommand(
    "editor.action.goToLocations",
    editor.document.uri,
    editor.selection.active,
    locations,
    "peek",
    "No indexed file includes this one",
  );
}
