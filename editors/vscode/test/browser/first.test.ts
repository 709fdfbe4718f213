/** From an installed .vsix to the first definition. */

import { test } from "node:test";

import { Window } from "./editing.ts";
import { Browser, CodeServer, given, installVsix } from "./workbench.ts";

test("F12 leads to another file", async () => {
  const server = await CodeServer.start({ prepare: installVsix });
  const browser = await Browser.start();
  try {
    const window = new Window(browser.page, server, given("PROJECT"));
    await window.open("src/main.cpp", 12, 49);
    await window.screenshot("opened");
    await window.pressUntil("F12", '.tab.active[data-resource-name="parser.cpp"]');
    await window.screenshot("definition");
  } finally {
    await browser.stop();
    await server.stop();
  }
});
