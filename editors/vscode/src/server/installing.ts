/** A server of this extension's own: a virtual environment in its storage, with the wheel that comes with the extension. */

import { execFile } from "node:child_process";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import * as path from "node:path";
import { promisify } from "node:util";
import * as vscode from "vscode";

import { installFailure, newEnough, PYTHONS } from "./python.ts";
import type { Server } from "./server.ts";

const run = promisify(execFile);
/** In the environment: which wheel it was made from. */
const STAMP = "cpplsp-wheel.txt";

/** What could not be done; the text is for the person. */
class InstallError extends Error {}

/** Makes the environment, asks before it does, and makes it anew when the extension has brought another wheel. */
export class Installer {
  readonly #server: Server;
  readonly #own: string;
  readonly #wheels: string;
  readonly #log: vscode.LogOutputChannel;
  #going: Promise<void> | undefined;

  /** `own`: folder of the environment. `wheels`: folder of the extension that has the wheel. */
  constructor(server: Server, own: string, wheels: string, log: vscode.LogOutputChannel) {
    this.#server = server;
    this.#own = own;
    this.#wheels = wheels;
    this.#log = log;
  }

  /** There is no server: offer to install one, or to change the setting that names none. */
  async offer(): Promise<void> {
    const { condition } = this.#server;
    if (condition.name !== "missing") return;
    const [set, install, again] = ["Open Setting", "Install", "Look Again"];
    const isSetWrongly = condition.notFound.isSetWrongly;
    const message = isSetWrongly
      ? `cpplsp: the setting cpplsp.path names no program: ${condition.notFound.looked.join(", ")}`
      : "cpplsp: there is no server on this machine. Install it into an environment of this extension's own? " +
        "It takes some 300 MB, and a minute.";
    const answer = await vscode.window.showWarningMessage(message, ...(isSetWrongly ? [set] : [install, set]), again);
    if (answer === set) await vscode.commands.executeCommand("workbench.action.openSettings", "cpplsp.path");
    if (answer === install) await this.install();
    if (answer === again) await this.#server.restart();
  }

  /** Install it, and start it. What goes wrong is shown. */
  install(): Promise<void> {
    this.#going ??= this.#install().finally(() => {
      this.#going = undefined;
    });
    return this.#going;
  }

  /** Make the environment anew if it is in use, and of another version than the extension. */
  async update(): Promise<void> {
    if (this.#server.found?.origin !== "own") return;
    const [made, wheel] = [await this.#stamp(), await this.#wheel().catch(() => undefined)];
    if (wheel !== undefined && made !== path.basename(wheel)) {
      this.#log.info(`the server was installed from ${made ?? "an unknown wheel"}: it is updated`);
      await this.install();
    }
  }

  async #install(): Promise<void> {
    try {
      const { ProgressLocation } = vscode;
      await vscode.window.withProgress(
        { location: ProgressLocation.Notification, title: "cpplsp", cancellable: true },
        (progress, token) => {
          const controller = new AbortController();
          token.onCancellationRequested(() => {
            controller.abort();
          });
          return this.#make((message) => {
            progress.report({ message });
          }, controller.signal);
        },
      );
    } catch (error) {
      await this.#tell(error);
      return;
    }
    await this.#server.restart();
  }

  async #make(say: (message: string) => void, signal: AbortSignal): Promise<void> {
    const wheel = await this.#wheel();
    say("looking for Python");
    const python = await this.#python();
    say("making an environment");
    await this.#server.stop();
    await rm(this.#own, { recursive: true, force: true });
    await mkdir(path.dirname(this.#own), { recursive: true });
    await this.#run(python, ["-m", "venv", this.#own], signal);
    say("installing the server and libclang");
    const pip = ["-m", "pip", "--disable-pip-version-check", "--no-input", "install", wheel];
    await this.#run(path.join(this.#own, "bin", "python"), pip, signal);
    await writeFile(path.join(this.#own, STAMP), path.basename(wheel));
  }

  async #run(command: string, args: string[], signal: AbortSignal): Promise<void> {
    this.#log.info([command, ...args].join(" "));
    try {
      const { stdout } = await run(command, args, { signal, maxBuffer: 1 << 24 });
      this.#log.debug(stdout);
    } catch (error) {
      await rm(this.#own, { recursive: true, force: true });
      if (signal.aborted) throw error;
      const { stdout, stderr } = error as { stdout?: string; stderr?: string };
      this.#log.error(`${stdout ?? ""}${stderr ?? String(error)}`);
      throw new InstallError(installFailure(`${stdout ?? ""}\n${stderr ?? String(error)}`));
    }
  }

  /** The newest Python that is new enough. */
  async #python(): Promise<string> {
    for (const name of PYTHONS) {
      try {
        const { stdout } = await run(name, ["-c", "import sys; print(*sys.version_info[:2])"]);
        if (newEnough(stdout)) return name;
      } catch {
        // There is none of this name, or it does not run: the next one.
      }
    }
    throw new InstallError("Python 3.11 or later is needed, and none is on the PATH. Install it, and try again.");
  }

  async #wheel(): Promise<string> {
    const names = await readdir(this.#wheels).catch(() => []);
    const name = names.find((one) => one.endsWith(".whl"));
    if (name === undefined) {
      throw new InstallError("this build of the extension has no server in it: install cpplsp by hand, with pipx or uv.");
    }
    return path.join(this.#wheels, name);
  }

  async #stamp(): Promise<string | undefined> {
    return await readFile(path.join(this.#own, STAMP), "utf8").catch(() => undefined);
  }

  async #tell(error: unknown): Promise<void> {
    if (!(error instanceof InstallError)) {
      this.#log.info(`the server was not installed: ${String(error)}`);
      return; // the person has cancelled it
    }
    const [again, log] = ["Try Again", "Open Log"];
    const message = `cpplsp: the server could not be installed: ${error.message}`;
    const answer = await vscode.window.showErrorMessage(message, again, log);
    if (answer === again) setTimeout(() => void this.install());
    if (answer === log) this.#log.show();
  }
}
