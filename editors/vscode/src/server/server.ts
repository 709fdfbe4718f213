/** The server's process and the conversation with it: found, started, started again, stopped. */

import { accessSync, closeSync, constants, openSync, readSync, statSync } from "node:fs";
import { homedir } from "node:os";
import * as vscode from "vscode";
import {
  CloseAction,
  type ClientCapabilities,
  ErrorAction,
  LanguageClient,
  type LanguageClientOptions,
  RevealOutputChannelOn,
  State,
} from "vscode-languageclient/node";

import { expand, logPath, serverArguments, serverSection, type Variables } from "../options.ts";
import { INDEX_STATE, type IndexState } from "../protocol.ts";
import { findServer, type Found, interpreterOf, type Look, type NotFound } from "./finding.ts";
import { endReason, ServerLog } from "./log.ts";
import { Restarts } from "./restarts.ts";

const LANGUAGES = ["c", "cpp", "cuda-cpp", "objective-c", "objective-cpp"];
const PROGRESS_OF_INDEXING = "indexing/";
const STOP_WITHIN_MS = 5000;
const SAID_FOR_MS = 4000;
/** A server that could not be started has ended by then, if it is to end by itself. */
const END_WITHIN_MS = 1000;
/** Of a script: enough for the path of its interpreter. */
const HEAD_BYTES = 4096;

/** What the server's process is at. `missing`: there is none to start. `ended`: it is not started again by itself. */
export type Condition =
  | { name: "stopped" | "starting" | "running" }
  | { name: "missing"; notFound: NotFound }
  | { name: "pausing"; delayMs: number; reason: string }
  | { name: "ended"; reason: string };

/** A client that leaves it to this extension what a person is told: its own messages go to the log. */
class QuietClient extends LanguageClient {
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }
}

/** One server for all folders of the window. `own`: folder of the environment that this extension may have made. */
export class Server implements vscode.Disposable {
  readonly #log: vscode.LogOutputChannel;
  readonly #trace: vscode.LogOutputChannel;
  readonly #own: string;
  readonly #restarts = new Restarts();
  readonly #conditionChanged = new vscode.EventEmitter<Condition>();
  readonly #indexStateChanged = new vscode.EventEmitter<IndexState>();
  #client: LanguageClient | undefined;
  #started: Promise<void> = Promise.resolve();
  #condition: Condition = { name: "stopped" };
  #found: Found | undefined;
  #wake: () => void = () => undefined;
  #turn: Promise<void> = Promise.resolve();

  readonly onDidChangeCondition = this.#conditionChanged.event;
  readonly onDidChangeIndexState = this.#indexStateChanged.event;

  constructor(log: vscode.LogOutputChannel, trace: vscode.LogOutputChannel, own: string) {
    this.#log = log;
    this.#trace = trace;
    this.#own = own;
  }

  get condition(): Condition {
    return this.#condition;
  }

  /** The program that runs, or ran last. */
  get found(): Found | undefined {
    return this.#found;
  }

  /** As the server says. */
  get version(): string | undefined {
    return this.#client?.initializeResult?.serverInfo?.version;
  }

  /** The client, while it runs. */
  get client(): LanguageClient | undefined {
    return this.#condition.name === "running" ? this.#client : undefined;
  }

  /** The client once it runs: waited for while the server starts. Undefined, and said, where there is none to wait for. */
  async ready(): Promise<LanguageClient | undefined> {
    for (let seen: unknown[] = []; seen[0] !== this.#turn || seen[1] !== this.#started; ) {
      seen = [this.#turn, this.#started]; // a person may restart it meanwhile
      await Promise.allSettled(seen);
    }
    if (this.client === undefined) vscode.window.setStatusBarMessage("cpplsp: the server does not run", SAID_FOR_MS);
    return this.client;
  }

  /** Look for a server, as things are now. */
  find(): Found | NotFound {
    const setting = configuration().get<string>("path");
    return findServer(
      {
        setting: setting ? expand(setting, homeVariables()) : undefined,
        environment: process.env,
        home: homedir(),
        // What lies in a workspace that is not trusted is not run.
        folders: vscode.workspace.isTrusted ? localFolders() : [],
        own: this.#own,
      },
      lookAt,
    );
  }

  /** Stop what runs, and start what is there now. A person asked for it, or nothing has run before. */
  restart(): Promise<void> {
    this.#restarts.forget();
    return this.#inTurn(async () => {
      await this.#stop();
      this.#start();
    });
  }

  stop(): Promise<void> {
    return this.#inTurn(() => this.#stop());
  }

  dispose(): void {
    void this.stop();
    this.#conditionChanged.dispose();
    this.#indexStateChanged.dispose();
  }

  #inTurn(work: () => Promise<void> | void): Promise<void> {
    this.#wake();
    this.#turn = this.#turn.then(work, work);
    return this.#turn;
  }

  #become(condition: Condition): void {
    this.#condition = condition;
    this.#conditionChanged.fire(condition);
  }

  async #stop(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    if (client !== undefined) await this.#end(client);
    this.#become({ name: "stopped" });
  }

  /** End a server, so that nothing of it is in the way of the next. One that is about to start cannot be stopped: its
   *  process may not be there yet, and would go on; commands that it registers cannot be registered again. */
  async #end(client: LanguageClient): Promise<void> {
    let process: typeof client.serverProcess;
    try {
      await within(STOP_WITHIN_MS, this.#started);
      process = client.serverProcess;
      await client.stop(STOP_WITHIN_MS);
    } catch (error) {
      this.#log.info(`the server is killed: ${String(error)}`); // it has not started, or does not answer
      (process ?? client.serverProcess)?.kill("SIGKILL");
      await within(STOP_WITHIN_MS, this.#started).catch(() => undefined);
    }
  }

  #start(): void {
    const found = this.find();
    if (!("command" in found)) {
      this.#log.warn(`no server found; looked for ${found.looked.join(", ")}`);
      this.#become({ name: "missing", notFound: found });
      return;
    }
    this.#found = found;
    const args = serverArguments(configuration(), homeVariables());
    this.#log.info(`starting ${[found.command, ...args].join(" ")}`);
    const log = new ServerLog((line) => {
      this.#log[line.level](line.text);
    });
    const client: LanguageClient = new QuietClient(
      "cpplsp",
      "cpplsp",
      // A folder that always is there: the project's may be deleted and made anew.
      { command: found.command, args, options: { cwd: homedir() } },
      this.#options(log, () => client),
    );
    client.registerFeature({
      fillClientCapabilities(capabilities: ClientCapabilities): void {
        capabilities.experimental = {
          ...(capabilities.experimental as object | undefined),
          cpplsp: { indexState: true },
        };
      },
      initialize: () => undefined,
      getState: () => ({ kind: "static" }),
      clear: () => undefined,
    });
    client.onNotification(INDEX_STATE, (state: IndexState) => {
      this.#indexStateChanged.fire(state);
    });
    client.onDidChangeState(({ newState }) => {
      if (this.#client !== client) return;
      if (newState === State.Running) this.#become({ name: "running" });
      if (newState === State.Starting) this.#become({ name: "starting" });
    });
    this.#client = client;
    // Not waited for: a server that does not answer can be restarted, too.
    this.#started = client.start();
    this.#started.catch((error: unknown) => {
      // One that ended while it started is told of by the handler of its end, which may come after this.
      setTimeout(() => {
        if (this.#client !== client) return;
        client.serverProcess?.kill();
        this.#ended(log.reason || String(error));
      }, END_WITHIN_MS);
    });
  }

  #options(log: ServerLog, client: () => LanguageClient): LanguageClientOptions {
    return {
      documentSelector: LANGUAGES.map((language) => ({ scheme: "file", language })),
      outputChannel: this.#log,
      traceOutputChannel: this.#trace,
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      stdioOptions: {
        stdout: () => undefined, // the protocol's own
        stderr: (stream) => {
          stream.setEncoding("utf8");
          stream.on("data", (piece: string) => {
            log.take(piece);
          });
          stream.on("end", () => {
            log.end();
          });
        },
      },
      initializationFailedHandler: () => false,
      errorHandler: {
        error: () => ({ action: ErrorAction.Continue, handled: true }),
        closed: () => {
          log.end();
          if (this.#client === client()) this.#ended(log.reason);
          // It is started again by a client of its own: this one's would go on with "starting" where that fails.
          return { action: CloseAction.DoNotRestart, handled: true, message: "The connection to the server is closed." };
        },
      },
      middleware: {
        // The status bar has its own item for it, with more to say.
        handleWorkDoneProgress: (token, params, next) => {
          if (!String(token).startsWith(PROGRESS_OF_INDEXING)) next(token, params);
        },
        workspace: {
          configuration: ({ items }) =>
            items.map(({ scopeUri }) => {
              const scope = scopeUri === undefined ? undefined : vscode.Uri.parse(scopeUri);
              const folder = scope === undefined ? undefined : vscode.workspace.getWorkspaceFolder(scope);
              return serverSection(configuration(scope), variables(folder));
            }),
          // The server asks for what it needs: what is pushed holds settings of this extension, too.
          didChangeConfiguration: (_sections, next) => next([]),
        },
      },
    };
  }

  /** The server has ended, and nobody asked it to. */
  #ended(said: string): void {
    this.#client = undefined;
    const reason = endReason(said, logPath(configuration(), homeVariables()));
    const verdict = this.#restarts.ended();
    if (!("delayMs" in verdict) || !configuration().get<boolean>("restartAfterCrash", true)) {
      this.#become({ name: "ended", reason });
      return;
    }
    this.#log.error(`the server ended by itself; it is started again in ${verdict.delayMs / 1000} s`);
    this.#become({ name: "pausing", delayMs: verdict.delayMs, reason });
    const timer = setTimeout(() => {
      void this.#inTurn(() => {
        this.#start();
      });
    }, verdict.delayMs);
    this.#wake = () => {
      clearTimeout(timer); // a person has not waited for the end of it
    };
  }
}

/** The settings of this extension, for a folder or the window. */
export function configuration(scope?: vscode.ConfigurationScope): vscode.WorkspaceConfiguration {
  return vscode.workspace.getConfiguration("cpplsp", scope);
}

/** What stands for folders in the settings of a folder. */
export function variables(folder: vscode.WorkspaceFolder | undefined): Variables {
  return { workspaceFolder: folder?.uri.fsPath, userHome: homedir(), environment: process.env };
}

/** What stands for folders in the settings of the window: as if they were of its first folder. */
export function homeVariables(): Variables {
  return variables(vscode.workspace.workspaceFolders?.[0]);
}

/** Paths of the workspace's folders on this machine. */
export function localFolders(): string[] {
  const folders = vscode.workspace.workspaceFolders ?? [];
  return folders.filter((one) => one.uri.scheme === "file").map((one) => one.uri.fsPath);
}

/** What a promise gives; rejects where it takes longer. */
async function within<T>(milliseconds: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`no answer within ${milliseconds / 1000} s`));
    }, milliseconds);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Whether there is a program, and – for a script – the one that is to read it. */
function lookAt(path: string): Look {
  if (!isProgram(path)) return "nothing";
  const interpreter = interpreterOf(headOf(path));
  return interpreter === undefined || isProgram(interpreter) ? "program" : "broken";
}

/** The beginning of a file; empty where it may be run, but not read. */
function headOf(path: string): string {
  const buffer = Buffer.alloc(HEAD_BYTES);
  try {
    const file = openSync(path, "r");
    try {
      return buffer.toString("utf8", 0, readSync(file, buffer));
    } finally {
      closeSync(file);
    }
  } catch {
    return "";
  }
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
