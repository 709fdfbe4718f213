/** Questions that VS Code asks its providers; the folder is tests/projects/calculator. */

import * as path from "node:path";
import * as vscode from "vscode";

import { at, type Case, open, until } from "./case.ts";

type Found = vscode.Location | vscode.LocationLink;

function place(found: Found): string {
  const [uri, range] =
    "targetUri" in found ? [found.targetUri, found.targetSelectionRange ?? found.targetRange] : [found.uri, found.range];
  return `${path.basename(uri.fsPath)}:${range.start.line + 1}`;
}

export const navigation: Record<string, Case> = {
  async "a definition in another file"() {
    const document = await open("src/main.cpp");
    // Before the other file is indexed, the declaration in its header is the answer.
    await until(
      () =>
        vscode.commands.executeCommand<Found[]>(
          "vscode.executeDefinitionProvider",
          document.uri,
          at(document, "parse();"),
        ),
      (found) => found.map(place).join() === "parser.cpp:10",
    );
  },
};
