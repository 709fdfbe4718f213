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

  async "the definition of a type, from what has it"() {
    const document = await open("src/main.cpp");
    const found = await ask<Found[]>("vscode.executeTypeDefinitionProvider", document, "& scope) {", 2);
    assert.deepEqual(found.map(place), ["scope.hpp:29"]);
  },

  async "uses of a variable in its function, read and written"() {
    const kinds = async (file: string, text: string): Promise<string[]> => {
      const document = await open(file);
      const found = await ask<vscode.DocumentHighlight[]>("vscode.executeDocumentHighlights", document, text);
      assert.ok(found.every((one) => document.getText(one.range) === "left"));
      return found.map((one) => `${one.range.start.line + 1} ${vscode.DocumentHighlightKind[one.kind ?? 0]}`);
    };
    // A declaration is text, and so is what is moved from: as clangd has it.
    const [written, read] = [await kinds("src/parser.cpp", "left = product()"), await kinds("src/expression.cpp", "left = left_")];
    assert.deepEqual(written, ["17 Text", "20 Write", "20 Text", "22 Write", "22 Text", "24 Text"]);
    assert.deepEqual(read, ["22 Text", "26 Read", "28 Read", "30 Read", "32 Read"]);
  },

  async "a name is changed in all files"() {
    const document = await open("src/main.cpp");
    const edit = await vscode.commands.executeCommand<vscode.WorkspaceEdit>(
      "vscode.executeDocumentRenameProvider",
      document.uri,
      at(document, "standard()"),
      "usual",
    );
    const changed = edit.entries().map(([uri, edits]) => [path.basename(uri.fsPath), edits.map((one) => one.newText)]);
    assert.deepEqual(changed.sort(), [
      ["main.cpp", ["usual"]],
      ["scope.cpp", ["usual"]],
      ["scope.hpp", ["usual"]],
    ]);
  },

  async "bases and derived types of a class"() {
    const document = await open("include/calc/expression.hpp");
    const prepare = async (name: string): Promise<vscode.TypeHierarchyItem> => {
      const [item] = await ask<vscode.TypeHierarchyItem[]>("vscode.prepareTypeHierarchy", document, `class ${name} `, 6);
      assert.equal(item?.name, name);
      return item;
    };
    const related = async (command: string, name: string): Promise<string[]> => {
      const found = await vscode.commands.executeCommand<vscode.TypeHierarchyItem[]>(command, await prepare(name));
      return found.map((one) => one.name).sort();
    };
    assert.deepEqual(await related("vscode.provideSubtypes", "Expression"), ["Binary", "Call", "Number", "Variable"]);
    assert.deepEqual(await related("vscode.provideSupertypes", "Binary"), ["Expression"]);
  },

  async "names have the colours of what they name"() {
    const document = await open("include/calc/expression.hpp");
    const legend = await vscode.commands.executeCommand<vscode.SemanticTokensLegend>(
      "vscode.provideDocumentSemanticTokensLegend",
      document.uri,
    );
    const tokens = await vscode.commands.executeCommand<vscode.SemanticTokens>(
      "vscode.provideDocumentSemanticTokens",
      document.uri,
    );
    const kinds = new Map<string, string>();
    let [line, character] = [0, 0];
    for (let token = 0; token < tokens.data.length; token += 5) {
      const [down = 0, right = 0, length = 0, kind = 0] = tokens.data.subarray(token, token + 4);
      [line, character] = down > 0 ? [line + down, right] : [line, character + right];
      const range = new vscode.Range(line, character, line, character + length);
      kinds.set(document.getText(range), legend.tokenTypes[kind] ?? "");
    }
    const told = ["calc", "Expression", "evaluate", "scope", "left_"].map((name) => kinds.get(name));
    assert.deepEqual(told, ["namespace", "class", "method", "parameter", "property"]);
  },

  async "bodies can be folded"() {
    const document = await open("src/expression.cpp");
    const found = await vscode.commands.executeCommand<vscode.FoldingRange[]>(
      "vscode.executeFoldingRangeProvider",
      document.uri,
    );
    const body = at(document, "double Binary::evaluate").line;
    const folded = found.find((one) => one.start === body);
    assert.ok(folded !== undefined, JSON.stringify(found));
    assert.equal(document.lineAt(folded.end).text, "  }"); // of the switch: the brace behind it is seen
    assert.ok(found.some((one) => one.start === at(document, "switch (sign_)").line));
  },

  async "a selection grows from a word to the file"() {
    const document = await open("src/expression.cpp");
    const [innermost] = await vscode.commands.executeCommand<vscode.SelectionRange[]>(
      "vscode.executeSelectionRangeProvider",
      document.uri,
      [at(document, "left * right")],
    );
    const texts: string[] = [];
    for (let range = innermost; range !== undefined; range = range.parent) texts.push(document.getText(range.range));
    assert.equal(texts[0], "left");
    assert.ok(texts.some((text) => text.startsWith("left * right")), texts.join("\n--\n"));
    assert.ok(texts.some((text) => text.startsWith("double Binary::evaluate")), texts.join("\n--\n"));
    assert.ok(texts.every((text, index) => index === 0 || text.includes(texts[index - 1] ?? "")));
  },

  async "includes are links to their files"() {
    const document = await open("src/main.cpp");
    const found = await vscode.commands.executeCommand<vscode.DocumentLink[]>("vscode.executeLinkProvider", document.uri, 100);
    const targets = found.map((one) => [document.getText(one.range), path.basename(one.target?.fsPath ?? "")]);
    assert.deepEqual(
      targets.filter(([text]) => text?.includes("calc/")),
      [
        ['"calc/error.hpp"', "error.hpp"],
        ['"calc/parser.hpp"', "parser.hpp"],
      ],
    );
  },
};
