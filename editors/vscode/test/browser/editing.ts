/** What a person does in VS Code's window, and what is seen there. */

import { mkdirSync } from "node:fs";
import * as path from "node:path";
import type { FrameLocator, Locator, Page } from "playwright-core";

import { type CodeServer, given } from "./workbench.ts";

const SHOWN_WITHIN_MS = 60_000;
const AGAIN_AFTER_MS = 1500;

/** A window that works on a folder. */
export class Window {
  readonly page: Page;
  readonly #server: CodeServer;
  readonly #folder: string;

  constructor(page: Page, server: CodeServer, folder: string) {
    this.page = page;
    this.#server = server;
    this.#folder = folder;
  }

  /** Open the folder, and a file of it at a place: line and column from 1. */
  async open(file: string, line: number, column: number): Promise<void> {
    const place = `${this.#server.remote(path.join(this.#folder, file))}:${line}:${column}`;
    await this.load([
      ["gotoLineMode", "true"],
      ["openFile", place],
    ]);
    await this.untilActive(path.basename(file));
    await this.page.locator(".editor-instance .view-line").first().waitFor({ timeout: SHOWN_WITHIN_MS });
  }

  /** Open the folder, with what VS Code is to do. */
  async load(payload: [string, string][] = []): Promise<void> {
    const query = `folder=${this.#folder}&payload=${encodeURIComponent(JSON.stringify(payload))}`;
    await this.page.goto(`${this.#server.url}?${query}`);
    await this.page.locator(".monaco-workbench .statusbar").waitFor({ timeout: SHOWN_WITHIN_MS });
  }

  /** Wait until the file of this name is in the active editor. */
  async untilActive(name: string, withinMs = SHOWN_WITHIN_MS): Promise<void> {
    await this.page
      .locator(`.tab.active[data-resource-name="${name}"]`)
      .first()
      .waitFor({ timeout: withinMs });
  }

  /** Go to a line and column of the file that is open, both from 1. */
  async goTo(line: number, column: number): Promise<void> {
    await this.page.keyboard.press("Control+g");
    const input = this.page.locator(".quick-input-widget input").first();
    await input.fill(`:${line}:${column}`);
    await input.press("Enter");
    await this.page.locator(".quick-input-widget").waitFor({ state: "hidden" });
  }

  /** Press a key until something is seen: the server may be still on its way. */
  async pressUntil(key: string, seen: string): Promise<void> {
    await this.#doUntil(() => this.page.keyboard.press(key), seen);
  }

  /** Run a command until something is seen. */
  async commandUntil(title: string, seen: string): Promise<void> {
    await this.#doUntil(() => this.command(title), seen);
  }

  async #doUntil(act: () => Promise<void>, seen: string): Promise<void> {
    const until = Date.now() + SHOWN_WITHIN_MS;
    for (;;) {
      await act();
      try {
        await this.page.locator(seen).first().waitFor({ timeout: AGAIN_AFTER_MS });
        return;
      } catch (error) {
        if (Date.now() > until) throw error;
      }
    }
  }

  /** Run a command by its title in the palette. */
  async command(title: string): Promise<void> {
    await this.page.keyboard.press("F1");
    const input = this.page.locator(".quick-input-widget input").first();
    await input.waitFor();
    await input.fill(`>${title}`);
    await (await this.untilListed(title)).click();
    await this.page.mouse.move(300, 10); // where nothing tells of itself
  }

  /** Wait for a notification with a text. */
  async notification(text: RegExp, withinMs = SHOWN_WITHIN_MS): Promise<Locator> {
    const toast = this.page.locator(".notification-toast .notification-list-item", { hasText: text }).first();
    await toast.waitFor({ timeout: withinMs });
    return toast;
  }

  /** Wait for a notification with a text, and press a button of it. */
  async answer(text: RegExp, button: string): Promise<void> {
    const toast = await this.notification(text);
    await toast.locator(".monaco-button", { hasText: button }).first().click();
  }

  /** Wait until an entry of the list that is open has a text. */
  async untilListed(text: string): Promise<Locator> {
    const row = this.page.locator(".quick-input-list .monaco-list-row", { hasText: text }).first();
    await row.waitFor({ timeout: SHOWN_WITHIN_MS });
    return row;
  }

  /** What is in the webview that is seen. */
  webview(): FrameLocator {
    return this.page.locator("iframe.webview.ready").first().contentFrame().frameLocator("iframe#active-frame");
  }

  /** Wait until the item in the status bar has a text. */
  async untilStatus(text: RegExp, withinMs = SHOWN_WITHIN_MS): Promise<string> {
    const item = this.page.locator('.statusbar-item[id*="cpplsp"]', { hasText: text }).first();
    await item.waitFor({ timeout: withinMs });
    return (await item.textContent()) ?? "";
  }

  /** Wait until something is so outside of the window. */
  async untilTrue(isSo: () => boolean): Promise<void> {
    const until = Date.now() + SHOWN_WITHIN_MS;
    while (!isSo()) {
      if (Date.now() > until) throw new Error("it is still not so");
      await this.page.waitForTimeout(100);
    }
  }

  /** Keep what is on the screen. */
  async screenshot(name: string): Promise<void> {
    mkdirSync(given("SCREENSHOTS"), { recursive: true });
    // What has the focus in a webview is scrolled to, and the whole window with it, by a few pixels.
    await this.page.evaluate(() => {
      const shifted = [...document.querySelectorAll("html, body, .monaco-workbench, .monaco-workbench .split-view-container")];
      for (const one of shifted) one.scrollTop = 0;
    });
    await this.page.screenshot({ path: path.join(given("SCREENSHOTS"), `${name}.png`) });
  }
}

/** Wait until something is no longer on its way in. */
export async function settled(seen: Locator): Promise<void> {
  await seen.evaluate(async (element) => {
    await Promise.all(element.getAnimations({ subtree: true }).map((animation) => animation.finished));
  });
}
