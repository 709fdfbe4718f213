/** What goes wrong, and what comes between: crashes, other extensions, workspaces without trust or a database. */

import assert from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { test } from "node:test";
import type { Page } from "playwright-core";

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
    const engine = { type: "string", enum: ["default", "disabled"], default: "default" };
    installPretender(extensions, "ms-vscode", "cpptools", { "C_Cpp.intelliSenseEngine": engine });
    installVsix(extensions);
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
    // The file is written a moment before the extension host knows of it: until then it asks as before.
    await window.commandUntil(
      "cpplsp: Choose Between cpplsp and Other C++ Extensions",
      '.notification-toast :text("no other extension answers")',
    );
  });
});

test("where clangd is turned off, a reload is offered: it reads its setting when it begins only", async () => {
  const prepare = (extensions: string): void => {
    const enable = { "clangd.enable": { type: "boolean", default: true } };
    installPretender(extensions, "llvm-vs-code-extensions", "vscode-clangd", enable);
    installVsix(extensions);
  };
  await withWorkbench({ prepare }, async (server, page) => {
    const window = new Window(page, server, copyOf(PROJECT, server.folder));
    await window.open("src/main.cpp", 12, 50);
    await window.answer(/clangd answers the same questions/, "In This Workspace");
    await window.answer(/clangd goes on until the window is loaded again/, "Reload Window");
    await window.untilStatus(IDLE);
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

test("a project that names its database in its own file is not told that it has none", async () => {
  await withWorkbench({ prepare: installVsix }, async (server, page) => {
    const project = copyOf(PROJECT, server.folder);
    const entries = readFileSync(path.join(project, "compile_commands.json"), "utf8");
    mkdirSync(path.join(project, "out"));
    writeFileSync(path.join(project, "out", "compile_commands.json"), entries.replaceAll('"."', '".."'));
    rmSync(path.join(project, "compile_commands.json"));
    writeFileSync(path.join(project, ".cpplsp.toml"), 'compile_commands_dir = "out"\n');
    const window = new Window(page, server, project);
    await window.open("src/main.cpp", 12, 50);
    await window.untilStatus(IDLE);
    await window.pressUntil("F12", '.tab.active[data-resource-name="parser.cpp"]');
    assert.equal(await page.locator(".notification-toast").count(), 0);
  });
});

/** Where there is no cpplsp but one that the extension has installed from another wheel, and a Python whose pip does
 *  as a script says. */
async function withOld(pip: string, test: (window: Window, page: Page) => Promise<void>): Promise<void> {
  const home = mkdtempSync(path.join(tmpdir(), "cpplsp-home-"));
  const python = path.join(home, "python3");
  const lines = [
    "#!/bin/sh",
    'case "$*" in',
    '*version_info*) echo "3 12";;',
    `*venv*) mkdir -p "$3/bin" && cp "$0" "$3/bin/python";;`,
    `*pip*) ${pip};;`,
    "esac",
  ];
  writeFileSync(python, `${lines.join("\n")}\n`, { mode: 0o755 });
  // VS Code asks a login shell for its path.
  writeFileSync(path.join(home, ".profile"), `PATH='${home}':/usr/bin:/bin\n`);
  const prepare = (extensions: string): void => {
    installVsix(extensions);
    const own = path.join(extensions, "../user/User/globalStorage/cpplsp.cpplsp/server");
    mkdirSync(path.join(own, "bin"), { recursive: true });
    writeFileSync(path.join(own, "bin", "cpplsp"), `#!/bin/sh\nexec '${given("CPPLSP")}' "$@"\n`, { mode: 0o755 });
    writeFileSync(path.join(own, "cpplsp-wheel.txt"), "cpplsp-0.0.1-py3-none-any.whl");
  };
  const environment = { HOME: home, PATH: `${home}:/usr/bin:/bin`, SHELL: "/bin/sh" };
  try {
    await withWorkbench({ prepare, environment, settings: { "cpplsp.path": null } }, async (server, page) => {
      const window = new Window(page, server, PROJECT);
      await window.open("src/main.cpp", 12, 50);
      await test(window, page);
    });
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

test("an update that cannot be made leaves the server that there was", async () => {
  await withOld("echo 'ERROR: NewConnectionError' >&2; exit 1", async (window) => {
    await window.notification(/could not be installed: the package index cannot be reached.*that there was goes on/s);
    await window.screenshot("update-failed");
    await window.untilStatus(IDLE);
    await window.pressUntil("F12", '.tab.active[data-resource-name="parser.cpp"]');
  });
});

test("an update that is cancelled leaves the server that there was, and says so", async () => {
  await withOld("exec sleep 600", async (window, page) => {
    await (await window.notification(/installing the server/)).hover();
    await window.untilStatus(IDLE);
    await page.locator(".notification-toast .monaco-button", { hasText: "Cancel" }).first().click();
    await window.notification(/was cancelled.*that there was goes on/s);
    await window.pressUntil("F12", '.tab.active[data-resource-name="parser.cpp"]');
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
