/** What a person sees who works in a project: each stop has a screenshot. */

import assert from "node:assert/strict";
import * as path from "node:path";
import { test } from "node:test";

import { settled, Window } from "./editing.ts";
import { sightsOf, withBroken } from "./projects.ts";
import { given, installVsix, withWorkbench } from "./workbench.ts";

const INDEXED_WITHIN_MS = 180_000;

test("a tour", async (context) => {
  await withWorkbench({ prepare: installVsix }, async (server, page) => {
    const sights = sightsOf(given("PROJECT"));
    const isOurs = path.basename(given("PROJECT")) === "calculator";
    const project = isOurs ? withBroken(given("PROJECT"), server.folder) : given("PROJECT");
    const window = new Window(page, server, project);
    const stop = async (name: string, visit: () => Promise<void>): Promise<void> => {
      const began = Date.now();
      try {
        await visit();
      } catch (error) {
        throw new Error(`${name}: ${String(error)}`, { cause: error });
      }
      context.diagnostic(`${name} (${Date.now() - began} ms)`);
    };

    await stop("the status bar tells how far indexing is, by how many workers, in what memory", async () => {
      await window.open(sights.use.file, sights.use.line, sights.use.column);
      await window.untilStatus(/cpplsp [1-9]\d*\/\d+ · \d+ workers? · \d+ MiB/, INDEXED_WITHIN_MS);
      await window.screenshot("indexing");
      await window.command("cpplsp: Show Memory Usage");
      const rows = page.locator('[aria-label="C/C++ Index Memory"] .monaco-list-row, .customview-tree .monaco-list-row');
      await rows.filter({ hasText: "server" }).first().waitFor();
      await window.screenshot("memory");
      await page.locator('.action-label[aria-label="Close Memory Usage"]').click();
      await window.untilStatus(/^\s*cpplsp\s*$/, INDEXED_WITHIN_MS);
    });

    await stop("hover", async () => {
      await window.goTo(sights.use.line, sights.use.column);
      await page.keyboard.press("Control+k");
      await page.keyboard.press("Control+i");
      const hover = page.locator(".monaco-hover", { hasText: sights.name }).first();
      await hover.waitFor();
      await settled(hover);
      await window.screenshot("hover");
      await page.keyboard.press("Escape");
    });

    await stop("F12: the definition in another file", async () => {
      await window.goTo(sights.use.line, sights.use.column);
      await page.keyboard.press("F12");
      await window.untilActive(sights.definition.file);
      const line = String(sights.definition.line);
      await page.locator(".line-numbers.active-line-number", { hasText: line }).first().waitFor();
      await window.screenshot("definition");
    });

    await stop("Shift+F12: references, in a peek", async () => {
      await page.keyboard.press("Control+b"); // makes room
      await page.keyboard.press("Shift+F12");
      const peek = page.locator(".peekview-widget");
      const file = peek.locator(".monaco-list-row", { hasText: path.basename(sights.use.file) }).first();
      await file.locator(".monaco-tl-twistie").click();
      const use = peek.locator('.monaco-list-row[aria-level="2"]', { hasText: `${sights.name}(` }).first();
      await use.click();
      await peek.locator(".preview .view-line", { hasText: sights.name }).first().waitFor();
      await page.mouse.move(300, 10);
      await window.screenshot("references");
      await page.keyboard.press("Escape");
      await peek.waitFor({ state: "hidden" });
      await page.keyboard.press("Control+b");
    });

    await stop("outline", async () => {
      await page.locator(".explorer-folders-view").waitFor();
      await page.locator('.pane-header[aria-label^="Explorer Section"]').click(); // makes room
      await window.command("Explorer: Focus on Outline View");
      const row = page.locator(".outline-pane .monaco-list-row", { hasText: sights.outline }).first();
      await row.waitFor();
      await settled(page.locator(".part.sidebar"));
      await window.screenshot("outline");
      await page.locator('.pane-header[aria-label^="Explorer Section"]').click();
      await page.locator('.pane-header[aria-label^="Outline"]').click();
      await window.command("View: Focus Active Editor Group");
    });

    await stop("Ctrl+T: a symbol by some of its letters", async () => {
      await page.keyboard.press("Control+t");
      await page.locator(".quick-input-widget input").first().fill(sights.query);
      await window.untilListed(sights.symbol.split("::").at(-1) ?? sights.symbol);
      await window.screenshot("symbols");
      await page.keyboard.press("Escape");
    });

    await stop("Alt+O: the header, and who includes it", async () => {
      await page.keyboard.press("Alt+o");
      await window.untilActive(sights.counterpart);
      await window.command("cpplsp: Show Files That Include This One");
      const including = path.basename(sights.use.file);
      await page.locator(".peekview-widget .monaco-list-row", { hasText: including }).first().waitFor();
      await window.screenshot("includers");
      await page.keyboard.press("Escape");
    });

    await stop("the menu behind the status bar's item", async () => {
      await page.locator('.statusbar-item[id*="cpplsp"] a').first().click();
      await window.untilListed("Show index status");
      await settled(page.locator(".quick-input-widget"));
      await window.screenshot("menu");
    });

    await stop("the status page, from which an error is a click away", async () => {
      await (await window.untilListed("Show index status")).click();
      const view = window.webview();
      await view.getByText("Units with errors").waitFor();
      await window.screenshot("status");
      const error = view.locator("td:last-child a").first();
      const place = /^(.+?):(\d+):\d+: /.exec((await error.textContent()) ?? "");
      assert.ok(place !== null);
      await error.click();
      await window.untilActive(path.basename(place[1] ?? ""));
      await page.locator(".line-numbers.active-line-number", { hasText: place[2] ?? "" }).first().waitFor();
    });

    await stop("indexing is paused and resumed", async () => {
      await window.command("cpplsp: Pause Indexing");
      await window.untilStatus(/paused at/);
      await window.command("cpplsp: Resume Indexing");
      await window.untilStatus(/^\s*cpplsp\s*$/);
    });

    await stop("the pictures that come with the extension", async () => {
      await window.command("cpplsp: What It Shows You, in Pictures");
      await page.locator(".getting-started-step").first().waitFor();
      await page.keyboard.press("Control+b"); // makes room: without it there are no pictures
      const picture = page.locator(".getting-started-media img").first();
      await picture.waitFor();
      await window.screenshot("pictures");
      assert.ok((await picture.evaluate((one) => (one as HTMLImageElement).naturalWidth)) > 0);
    });
  });
});
