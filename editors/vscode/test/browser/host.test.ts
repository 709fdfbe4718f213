/** The tests of test/host, run by VS Code itself. */

import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, rmSync } from "node:fs";
import * as path from "node:path";
import { test } from "node:test";

import { Window } from "./editing.ts";
import { Browser, CodeServer, given } from "./workbench.ts";

const EXTENSION = path.resolve(import.meta.dirname, "../..");

test("tests in the extension host", async () => {
  const server = await CodeServer.start({ isDriven: true });
  const browser = await Browser.start();
  const said: string[] = [];
  // VS Code takes a folder that holds the tests.
  const tests = path.join(server.folder, "tests");
  mkdirSync(tests);
  copyFileSync(path.join(EXTENSION, "dist/host-tests.cjs"), path.join(tests, "index.js"));
  try {
    const ended = new Promise<number>((resolve) => {
      void browser.page.exposeFunction("codeAutomationExit", resolve);
    });
    await browser.page.exposeFunction("codeAutomationLog", (_type: string, words: unknown[]) => {
      said.push(words.map(String).join(" "));
    });
    await new Window(browser.page, server, given("PROJECT")).load([
      ["extensionDevelopmentPath", server.remote(EXTENSION)],
      ["extensionTestsPath", server.remote(path.join(tests, "index"))],
    ]);
    assert.equal(await ended, 0, said.join("\n"));
    const results = said.flatMap((line) => /\b(?:not )?ok .*/.exec(line) ?? []);
    assert.ok(results.length > 0, said.join("\n"));
    console.log(results.join("\n"));
  } finally {
    await browser.stop();
    await server.stop();
    rmSync(tests, { recursive: true, force: true });
  }
});
