/** The real VS Code – code-server – with this extension installed, in a browser without a screen. */

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { type BrowserContext, chromium, type Page } from "playwright-core";

const CHROMIUM = process.env["EXTENSION_TEST_CHROMIUM"] ?? "/usr/bin/chromium";
const START_WITHIN_MS = 60_000;

/** Settings that keep VS Code from talking of itself. */
const QUIET = {
  "chat.disableAIFeatures": true,
  "editor.fontFamily": "DejaVu Sans Mono",
  "editor.minimap.enabled": false,
  // It would write into the project's folder.
  "git.enabled": false,
  "extensions.autoCheckUpdates": false,
  "security.workspace.trust.enabled": false,
  // Its text is in the page, where it can be looked for.
  "terminal.integrated.gpuAcceleration": "off",
  "telemetry.telemetryLevel": "off",
  "update.mode": "none",
  "window.commandCenter": false,
  "workbench.colorTheme": "Default Dark Modern",
  "workbench.startupEditor": "none",
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "workbench.tips.enabled": false,
};

/** What a variable of the test's environment says. Throws where it says nothing: scripts/test_vscode sets them. */
export function given(name: string): string {
  const value = process.env[`EXTENSION_TEST_${name}`];
  if (!value) throw new Error(`EXTENSION_TEST_${name} is not set: run scripts/test_vscode`);
  return value;
}

/** `environment`, `settings`: beside those that every test has. `prepare`: is given the folder of extensions, to fill it.
 *  `isDriven`: VS Code tells how tests in its extension host end, and shows no notifications. */
interface Options {
  environment?: Record<string, string>;
  settings?: object;
  prepare?: (extensions: string) => void;
  isDriven?: boolean;
}

/** code-server's server, its folders in one of their own. */
export class CodeServer {
  readonly folder = mkdtempSync(path.join(tmpdir(), "cpplsp-vscode-"));
  readonly #process: ChildProcess;
  #settings: object;
  readonly port: number;

  private constructor(port: number, options: Options) {
    const { environment, settings = {}, isDriven = false } = options;
    this.port = port;
    const cache = path.join(this.folder, "cache");
    this.#settings = { ...QUIET, "cpplsp.path": given("CPPLSP"), "cpplsp.cacheDir": cache };
    this.set(settings);
    // Before the server runs: it removes extensions that it finds half installed.
    options.prepare?.(path.join(this.folder, "extensions"));
    this.#process = spawn(
      process.execPath,
      [
        path.join(given("CODE_SERVER"), "lib/vscode/out/server-main.js"),
        ...["--host", "127.0.0.1", "--port", String(port)],
        ...["--without-connection-token", "--accept-server-license-terms", "--telemetry-level", "off"],
        // The extension host goes soon after the browser does.
        ...["--reconnection-grace-time", "3"],
        ...(isDriven ? ["--enable-smoke-test-driver"] : []),
        ...["--server-data-dir", path.join(this.folder, "server")],
        ...["--user-data-dir", path.join(this.folder, "user")],
        ...["--extensions-dir", path.join(this.folder, "extensions")],
      ],
      { env: { ...process.env, EXTENSION_TEST_CACHE: cache, ...environment }, stdio: ["ignore", "ignore", "inherit"] },
    );
  }

  /** Start one, and wait until it can be reached. */
  static async start(options: Options = {}): Promise<CodeServer> {
    const made = new CodeServer(await freePort(), options);
    const until = Date.now() + START_WITHIN_MS;
    for (;;) {
      try {
        await fetch(made.url);
        return made;
      } catch (error) {
        if (made.#process.exitCode !== null || Date.now() > until) throw error;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  }

  /** Change settings of the person's: by the file, as they may. */
  set(settings: object): void {
    this.#settings = { ...this.#settings, ...settings };
    // The browser's own settings, and those of the machine that the server is on: paths count from these only.
    for (const kind of ["User", "Machine"]) {
      mkdirSync(path.join(this.folder, "user", kind), { recursive: true });
      const isMeant = ([name]: [string, unknown]): boolean => name.startsWith("cpplsp.") === (kind === "Machine");
      const chosen = Object.fromEntries(Object.entries(this.#settings).filter(isMeant));
      writeFileSync(path.join(this.folder, "user", kind, "settings.json"), JSON.stringify(chosen));
    }
  }

  /** Of code-server's main process. */
  get pid(): number {
    return this.#process.pid ?? 0;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/`;
  }

  /** A local file as the browser names it. */
  remote(file: string): string {
    return `vscode-remote://127.0.0.1:${this.port}${file}`;
  }

  async stop(): Promise<void> {
    const gone = new Promise((resolve) => this.#process.once("exit", resolve));
    this.#process.kill();
    if (this.#process.exitCode === null) await gone;
    this.#keepLogs();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  /** Beside the screenshots: what VS Code, its extension host and its output channels said. */
  #keepLogs(): void {
    const kept = path.join(given("SCREENSHOTS"), "..", "vscode-logs", path.basename(this.folder));
    cpSync(path.join(this.folder, "user", "logs"), kept, { recursive: true });
  }
}

/** Install the extension as a person does. */
export function installVsix(extensions: string): void {
  const command = path.join(given("CODE_SERVER"), "out/node/entry.js");
  const user = path.join(path.dirname(extensions), "user");
  const folders = ["--user-data-dir", user, "--extensions-dir", extensions];
  execFileSync(process.execPath, [command, ...folders, "--install-extension", given("VSIX")], { stdio: "pipe" });
}

/** An extension of another's, by name only: it contributes the settings that the other has. To be installed first: VS Code
 *  lists the extensions that lie in their folder when it installs the first one itself, and not again. */
export function installPretender(extensions: string, publisher: string, name: string, properties: object): void {
  const folder = path.join(extensions, `${publisher}.${name}-9.9.9`);
  mkdirSync(folder, { recursive: true });
  const contributes = { configuration: { title: name, properties } };
  const manifest = { publisher, name, version: "9.9.9", engines: { vscode: "^1.90.0" }, contributes };
  writeFileSync(path.join(folder, "package.json"), JSON.stringify(manifest));
}

/** A browser with nothing remembered. */
export class Browser {
  readonly #profile: string;
  readonly #context: BrowserContext;
  readonly page: Page;

  private constructor(profile: string, context: BrowserContext, page: Page) {
    this.#profile = profile;
    this.#context = context;
    this.page = page;
  }

  static async start(): Promise<Browser> {
    const profile = mkdtempSync(path.join(tmpdir(), "cpplsp-chromium-"));
    const context = await chromium.launchPersistentContext(profile, {
      executablePath: CHROMIUM,
      args: [
        ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
        ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
      ],
      viewport: { width: 1280, height: 800 },
    });
    return new Browser(profile, context, context.pages()[0] ?? (await context.newPage()));
  }

  async stop(): Promise<void> {
    await this.#context.close();
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** VS Code with the extension in a browser, for as long as a test of it takes. */
export async function withWorkbench(
  options: Options,
  test: (server: CodeServer, page: Page) => Promise<void>,
): Promise<void> {
  const server = await CodeServer.start(options);
  const browser = await Browser.start();
  try {
    await test(server, browser.page);
  } catch (error) {
    await browser.page.screenshot({ path: path.join(given("SCREENSHOTS"), `failed-${Date.now()}.png`) });
    // A log is all that is left of some machines.
    const told = await browser.page.locator(".notification-toast, .quick-input-widget, .statusbar").allInnerTexts();
    console.error(`on the screen: ${told.join(" | ").replace(/\s+/g, " ")}`);
    throw error;
  } finally {
    await browser.stop();
    await server.stop();
  }
}

async function freePort(): Promise<number> {
  return await new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => {
        if (address !== null && typeof address === "object") resolve(address.port);
      });
    });
  });
}
