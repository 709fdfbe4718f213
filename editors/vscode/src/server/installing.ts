/** A server of this extension's own: a virtual environment in its storage, with the wheel that comes with the extension. */

import { execFile } from "node:child_process";
import { readdir, rm } from "node:fs/promises";
import * as path from "node:path";
import { promisify } from "node:util";
import * as vscode from "vscode";

import { InstallError, installedWheel, makeEnvironment, outputOf } from "./environment.ts";
import { missingText } from "./finding.ts";
import type { Server } from "./server.ts";

const execute = promisify(execFile);

/** Makes the environment, asks before it does, and makes it anew when the extension has brought another wheel. */
export class Installer {
  readonly #server: Server;
  readonly #own: string;
  readonly #wheels: string;
  readonly #log: vscode.LogOutputChannel;
  #going: Promise<void> | undefined;

  /** `own`: where the environment is found. `wheels`: folder of the extension that has the wheel. */
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
    const { isSetWrongly } = condition.notFound;
    const takes = "Install it into an environment of this extension's own? It takes some 300 MB, and a minute.";
    const message = `cpplsp: ${missingText(condition.notFound)}${isSetWrongly ? "" : ` ${takes}`}`;
    const answer = await vscode.window.showWarningMessage(message, ...(isSetWrongly ? [set] : [install, set]), again);
    if (answer === set) await vscode.commands.executeCommand("workbench.action.openSettings", "cpplsp.path");
    if (answer === install) await this.install();
    if (answer === again) await this.#server.restart();
  }

  /** Install it, and start it. What goes wrong is shown, and what ran before goes on. */
  install(): Promise<void> {
    this.#going ??= this.#install().finally(() => {
      this.#going = undefined;
    });
    return this.#going;
  }

  /** Make the environment anew if it is in use, and of another version than the extension. */
  async update(): Promise<void> {
    if (this.#server.found?.origin !== "own") return;
    const [made, wheel] = [await installedWheel(this.#own), await this.#wheel().catch(() => undefined)];
    if (wheel !== undefined && made !== path.basename(wheel)) {
      this.#log.info(`the server was installed from ${made ?? "an unknown wheel"}: it is updated`);
      await this.install();
    }
  }

  async #install(): Promise<void> {
    const controller = new AbortController();
    let replaced: string | undefined;
    try {
      replaced = await vscode.window.withProgress(
        { location: vscode.ProgressLocation.Notification, title: "cpplsp", cancellable: true },
        async (progress, token) => {
          token.onCancellationRequested(() => {
            controller.abort();
          });
          const say = (message: string): void => {
            progress.report({ message });
          };
          return await makeEnvironment(this.#own, await this.#wheel(), { run: this.#run, say, signal: controller.signal });
        },
      );
    } catch (error) {
      // Not waited for: it can be tried again while it is shown.
      void this.#tell(error, controller.signal.aborted);
      return;
    }
    await this.#server.restart();
    if (replaced !== undefined) await rm(replaced, { recursive: true, force: true });
  }

  readonly #run = async (command: string, args: readonly string[], signal?: AbortSignal): Promise<string> => {
    this.#log.info([command, ...args].join(" "));
    try {
      const { stdout } = await execute(command, args, { signal, maxBuffer: 1 << 24 });
      this.#log.debug(stdout);
      return stdout;
    } catch (error) {
      this.#log.info(outputOf(error));
      throw error;
    }
  };

  async #wheel(): Promise<string> {
    const names = await readdir(this.#wheels).catch(() => []);
    const name = names.find((one) => one.endsWith(".whl"));
    if (name === undefined) {
      throw new InstallError("this build of the extension has no server in it: install cpplsp by hand, with pipx or uv.");
    }
    return path.join(this.#wheels, name);
  }

  async #tell(error: unknown, isCancelled: boolean): Promise<void> {
    const goesOn = ["starting", "running"].includes(this.#server.condition.name);
    const left = goesOn ? " The server that there was goes on." : "";
    const [install, again, log] = ["Install", "Try Again", "Open Log"];
    if (isCancelled) {
      const answer = await vscode.window.showInformationMessage(
        `cpplsp: the installation of the server was cancelled.${left}`,
        install,
      );
      if (answer === install) await this.install();
      return;
    }
    const reason = error instanceof InstallError ? error.message : String(error);
    const message = `cpplsp: the server could not be installed: ${reason}${left}`;
    const answer = await vscode.window.showErrorMessage(message, again, log);
    if (answer === again) await this.install();
    if (answer === log) this.#log.show();
  }
}
