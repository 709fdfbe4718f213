/** The status page: what the index of each folder holds, and which units failed, each a click from its file. */

import { randomBytes } from "node:crypto";
import * as vscode from "vscode";

import { type FolderStatus, INDEX_STATUS } from "../protocol.ts";
import type { Server } from "../server/server.ts";
import { pageHtml, type PageMessage, type Shown } from "./html.ts";

/** While units are being read, the page is drawn anew no more often. */
const EVERY_MS = 1000;

/** One page, in an editor of its own, that is drawn anew while it is seen and something changes. */
export class StatusPage implements vscode.Disposable {
  readonly #server: Server;
  readonly #disposables: vscode.Disposable[];
  #panel: vscode.WebviewPanel | undefined;
  #timer: NodeJS.Timeout | undefined;
  #drawing: Promise<void> = Promise.resolve();

  constructor(server: Server) {
    this.#server = server;
    this.#disposables = [
      server.onDidChangeIndexState(() => {
        this.#drawSoon();
      }),
      server.onDidChangeCondition(() => {
        this.#drawSoon();
      }),
    ];
  }

  /** Open it, or bring it to the front. */
  async show(): Promise<void> {
    if (this.#panel === undefined) {
      const panel = vscode.window.createWebviewPanel("cpplsp.status", "C/C++ Index", vscode.ViewColumn.Active, {
        enableScripts: true,
        localResourceRoots: [],
        enableFindWidget: true,
      });
      panel.webview.onDidReceiveMessage((message: PageMessage) => this.#answer(message));
      panel.onDidChangeViewState(() => {
        if (panel.visible) this.#drawSoon();
      });
      panel.onDidDispose(() => {
        this.#panel = undefined;
      });
      this.#panel = panel;
    }
    this.#panel.reveal();
    await this.#draw();
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#panel?.dispose();
    vscode.Disposable.from(...this.#disposables).dispose();
  }

  #drawSoon(): void {
    if (this.#panel?.visible !== true || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#draw();
    }, EVERY_MS);
  }

  #draw(): Promise<void> {
    this.#drawing = this.#drawing.then(async () => {
      const shown = await this.#shown();
      const webview = this.#panel?.webview;
      if (webview !== undefined) webview.html = pageHtml(shown, randomBytes(16).toString("hex"), webview.cspSource);
    });
    return this.#drawing;
  }

  async #shown(): Promise<Shown> {
    try {
      const folders = await this.#server.client?.sendRequest<FolderStatus[]>(INDEX_STATUS);
      if (folders !== undefined) return { folders };
    } catch {
      // The server is gone meanwhile: the page is drawn again when that is known.
    }
    return { condition: this.#server.condition };
  }

  async #answer(message: PageMessage): Promise<void> {
    if ("command" in message) {
      // Only what the page has buttons for: what is drawn there comes from the project.
      if (message.command.startsWith("cpplsp.")) await vscode.commands.executeCommand(message.command);
      return;
    }
    const start = new vscode.Position(message.line, message.character);
    const uri = vscode.Uri.parse(message.open, true);
    if (uri.scheme !== "file") return;
    await vscode.window.showTextDocument(uri, { selection: new vscode.Range(start, start) });
  }
}
