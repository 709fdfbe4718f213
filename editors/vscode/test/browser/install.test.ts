/** From the .vsix to the first definition, where there is no server: steps and seconds. */

import { mkdirSync } from "node:fs";
import * as path from "node:path";
import { test } from "node:test";

import { Window } from "./editing.ts";
import { sightsOf } from "./projects.ts";
import { given, installVsix, withWorkbench } from "./workbench.ts";

const INSTALLED_WITHIN_MS = 240_000;

test("the server is installed by a click, and F12 leads across files", async (context) => {
  const began = Date.now();
  let before = began;
  const step = (name: string): void => {
    const now = Date.now();
    context.diagnostic(`${name}: ${((now - before) / 1000).toFixed(1)} s`);
    before = now;
  };
  // A home of its own: nothing that pipx or uv installed for the person who tests is found.
  const home = path.join(given("SCREENSHOTS"), "..", "home");
  mkdirSync(home, { recursive: true });
  const prepare = (extensions: string): void => {
    before = Date.now();
    installVsix(extensions);
    step("code --install-extension");
  };
  const environment = { HOME: home, PATH: "/usr/bin:/bin", SHELL: "/bin/sh" };
  await withWorkbench({ prepare, environment, settings: { "cpplsp.path": null } }, async (server, page) => {
    const sights = sightsOf(given("PROJECT"));
    const window = new Window(page, server, given("PROJECT"));
    before = Date.now();
    await window.open(sights.use.file, sights.use.line, sights.use.column);
    await window.notification(/there is no server on this machine/);
    step("the project opened, and the question shown");
    await window.screenshot("install");
    await window.answer(/there is no server on this machine/, "Install");
    await window.untilStatus(/cpplsp \d+\/\d+/, INSTALLED_WITHIN_MS);
    step("the server installed and started");
    const { use, definition, counterpart } = sights;
    const isAt = (file: string): string => `.tab.active[data-resource-name="${file}"]`;
    await window.goTo(use.line, use.column);
    await window.pressUntil("F12", `${isAt(definition.file)}, ${isAt(counterpart)}`);
    step("F12 leads to another file");
    // To the declaration in its header, where the source beside that is still to be read.
    while (!(await page.locator(isAt(definition.file)).isVisible())) {
      await window.pressUntil("Control+Alt+Minus", isAt(path.basename(use.file))); // goes back
      await page.keyboard.press("F12");
      await page.locator(`${isAt(definition.file)}, ${isAt(counterpart)}`).first().waitFor();
    }
    step("F12 leads to the definition in its source");
  });
});
