/** What goes wrong, and what comes between: crashes, other extensions, workspaces without trust or a database. */

import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { test } from "node:test";

import { Window } from "./editing.ts";
import { copyOf } from "./projects.ts";
import { given, installPretender, installVsix, withWorkbench } from "./workbench.ts";

const PROJECT = path.join(import.meta.dirname, "../../../../tests/projects/calculator");
const IDLE = /^\s*cpplsp\s*$/;

test("a server that is killed is started again, and answers", async () => {
  await withWorkbench({ prepare: installVsix }, async (server, page) => {
    const window = new Window(page, server, PROJECT);
    await window.open("src/main.cpp", 12, 50);
    await window.untilStatus(IDLE);
    const [pid] = serversBelow(server.pid);
    assert.ok(pid !== undefined);
    process.kill(pid, "SIGKILL");
    await window.untilStatus(/restarting/);
    await window.untilStatus(IDLE);
    assert.notDeepEqual(serversBelow(server.pid), [pid]);
    await window.pressUntil("F12", '.tab.active[data-resource-name="parser.cpp"]');
  });
});

test("a server that cannot start is told of once, with its reason, and tried again when a person says so", async () => {
  const settings = { "cpplsp.arguments": ["--nonsense"] };
  await withWorkbench({ prepare: installVsix, settings }, async (server, page) => {
    const window = new Window(page, server, PROJECT);
    await window.open("src/main.cpp", 12, 50);
    await window.untilStatus(/restarting/);
    // 1 + 2 + 4 + 8 s
    await window.notification(/has ended, and is not started again.*unrecognized arguments: --nonsense/s);
    await window.untilStatus(/stopped/);
    assert.equal(await page.locator(".notification-toast").count(), 1, "it is told once");
    await window.screenshot("ended");
    await window.answer(/has ended/, "Restart");
    await window.untilStatus(/restarting/);
  });
});

test("another extension is found, and its navigation turned off for the workspace", async () => {
  const prepare = (extensions: string): void => {
    installVsix(extensions);
    const engine = { type: "string", enum: ["default", "disabled"], default: "default" };
    installPretender(extensions, "ms-vscode", "cpptools", { "C_Cpp.intelliSenseEngine": engine });
  };
  await withWorkbench({ prepare }, async (server, page) => {
    const project = copyOf(PROJECT, server.folder);
    const window = new Window(page, server, project);
    await window.open("src/main.cpp", 12, 50);
    await window.notification(/C\/C\+\+ answers the same questions/);
    await window.screenshot("other-extension");
    await window.answer(/C\/C\+\+ answers the same questions/, "In This Workspace");
    const written = path.join(project, ".vscode", "settings.json");
    await window.untilTrue(() => existsSync(written) && readFileSync(written, "utf8").includes("C_Cpp"));
    const settings = JSON.parse(readFileSync(written, "utf8")) as Record<string, unknown>;
    assert.deepEqual(settings, { "C_Cpp.intelliSenseEngine": "disabled" });
    await window.command("cpplsp: Choose Between cpplsp and Other C++ Extensions");
    await window.notification(/no other extension answers/);
  });
});

test("a workspace without trust is indexed, and nothing of it is run", async () => {
  const trust = { "security.workspace.trust.enabled": true, "security.workspace.trust.startupPrompt": "never" };
  await withWorkbench({ prepare: installVsix, settings: trust }, async (server, page) => {
    const project = copyOf(PROJECT, server.folder);
    const ran = path.join(server.folder, "ran");
    mkdirSync(path.join(project, ".vscode"));
    mkdirSync(path.join(project, ".venv", "bin"), { recursive: true });
    const evil = path.join(project, ".venv", "bin", "cpplsp");
    writeFileSync(evil, `#!/bin/sh\ntouch '${ran}'\nexec '${given("CPPLSP")}' "$@"\n`, { mode: 0o755 });
    writeFileSync(path.join(project, ".vscode", "settings.json"), JSON.stringify({ "cpplsp.path": evil }));
    const window = new Window(page, server, project);
    await window.open("src/main.cpp", 12, 50);
    await page.locator(".statusbar-item", { hasText: "Restricted Mode" }).first().waitFor();
    await window.untilStatus(IDLE);
    await window.pressUntil("F12", '.tab.active[data-resource-name="parser.cpp"]');
    assert.ok(!existsSync(ran));
    server.set({ "security.workspace.trust.enabled": false });
    await window.open("src/main.cpp", 12, 50);
    await window.untilStatus(IDLE);
    assert.ok(existsSync(ran), "where there is trust, the setting holds");
  });
});

test("a project without a compile database is led to one", async () => {
  await withWorkbench({ prepare: installVsix }, async (server, page) => {
    const project = copyOf(PROJECT, server.folder);
    rmSync(path.join(project, "compile_commands.json"));
    const window = new Window(page, server, project);
    await window.open("src/main.cpp", 12, 50);
    await window.answer(/calculator has no compile_commands.json/, "Show Me How");
    await page.locator(".getting-started-step", { hasText: "built with CMake" }).first().waitFor();
    await window.screenshot("walkthrough");
    await page.getByText("Type the command").first().click();
    await page.locator(".terminal-wrapper .xterm-rows", { hasText: "CMAKE_EXPORT_COMPILE_COMMANDS" }).first().waitFor();
  });
});

/** Process ids of cpplsp's servers that a process has started. */
function serversBelow(ancestor: number): number[] {
  const parents = new Map<number, number>();
  const servers: number[] = [];
  for (const name of readdirSync("/proc").filter((one) => /^\d+$/.test(one))) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "utf8");
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]));
      const words = readFileSync(`/proc/${name}/cmdline`, "utf8").split("\0");
      if (words.includes(given("CPPLSP")) && readlinkSync(`/proc/${name}/exe`).includes("python")) {
        servers.push(Number(name));
      }
    } catch {
      // It has ended meanwhile.
    }
  }
  const isBelow = (pid: number): boolean => {
    const parent = parents.get(pid);
    return parent !== undefined && (parent === ancestor || isBelow(parent));
  };
  // A worker is forked from the server, and has its command line: the server is the one whose parent is none.
  return servers.filter((pid) => isBelow(pid) && !servers.includes(parents.get(pid) ?? 0));
}
