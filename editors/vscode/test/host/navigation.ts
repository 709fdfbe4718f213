/** Questions that VS Code asks its providers; the folder is tests/projects/calculator. */

import assert from "node:assert/strict";
import * as path from "node:path";
import * as vscode from "vscode";

import { at, type Case, open, until } from "./case.ts";

type Found = vscode.Location | vscode.LocationLink;

function place(found: Found): string {
  const [uri, range] =
    "targetUri" in found ? [found.targetUri, found.targetSelectionRange ?? found.targetRange] : [found.uri, found.range];
  return `${path.basename(uri.fsPath)}:${range.start.line + 1}`;
}

async function ask<T>(provider: string, document: vscode.TextDocument, text: string, offset = 0): Promise<T> {
  return await vscode.commands.executeCommand<T>(provider, document.uri, at(document, text, offset));
}

export const navigation: Record<string, Case> = {
  async "a definition in another file"() {
    const document = await open("src/main.cpp");
    // Before the other file is indexed, the declaration in its header is the answer.
    await until(
      () => ask<Found[]>("vscode.executeDefinitionProvider", document, "parse();"),
      (found) => found.map(place).join() === "parser.cpp:10",
    );
  },

  async "a declaration, and an included file"() {
    const document = await open("src/main.cpp");
    const declared = await ask<Found[]>("vscode.executeDeclarationProvider", document, "parse();");
    assert.deepEqual(declared.map(place), ["parser.hpp:16"]);
    const included = await ask<Found[]>("vscode.executeDefinitionProvider", document, "calc/parser.hpp");
    assert.deepEqual(included.map(place), ["parser.hpp:1"]);
  },

  async "implementations of a virtual function"() {
    const document = await open("include/calc/expression.hpp");
    const found = await until(
      () => ask<Found[]>("vscode.executeImplementationProvider", document, "evaluate"),
      (answer) => answer.length === 4,
    );
    assert.ok(found.every((one) => place(one).startsWith("expression.cpp:")));
  },

  async "references in all files"() {
    const document = await open("src/main.cpp");
    const found = await until(
      () => ask<vscode.Location[]>("vscode.executeReferenceProvider", document, "Scope& scope"),
      (answer) => answer.length > 10,
    );
    assert.ok(new Set(found.map((one) => path.basename(one.uri.fsPath))).size >= 4);
  },

  async "a hover with the comment, as Markdown"() {
    const document = await open("src/main.cpp");
    const found = await ask<vscode.Hover[]>("vscode.executeHoverProvider", document, "answer(line");
    const text = found.flatMap((one) => one.contents.flatMap((part) => (part instanceof vscode.MarkdownString ? part.value : [])));
    assert.match(text.join("\n"), /void answer\(.*Answers one line/s);
  },

  async "an outline with its tree"() {
    const document = await open("include/calc/expression.hpp");
    const [space] = await vscode.commands.executeCommand<vscode.DocumentSymbol[]>(
      "vscode.executeDocumentSymbolProvider",
      document.uri,
    );
    assert.equal(space?.name, "calc");
    const names = space.children.map((one) => one.name);
    assert.deepEqual(names.slice(0, 3), ["Expression", "ExpressionPtr", "Number"]);
  },

  async "a symbol of the workspace by some of its letters"() {
    const found = await vscode.commands.executeCommand<vscode.SymbolInformation[]>(
      "vscode.executeWorkspaceSymbolProvider",
      "binar",
    );
    assert.equal(found[0]?.name, "Binary");
  },

  async "callers of a function"() {
    const document = await open("src/parser.cpp");
    const [item] = await ask<vscode.CallHierarchyItem[]>("vscode.prepareCallHierarchy", document, "product() {");
    const calls = await vscode.commands.executeCommand<vscode.CallHierarchyIncomingCall[]>(
      "vscode.provideIncomingCalls",
      item,
    );
    assert.deepEqual(
      calls.map((one) => one.from.name),
      ["sum"],
    );
  },
};
