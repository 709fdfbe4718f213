/** Settings on their way to the server: pure functions of values. */

import * as path from "node:path";

/** The server's own options, as `cpplsp/config.py` has them. All other settings are this extension's, and stay here. */
export const SERVER_OPTIONS = [
  "compileCommandsDir",
  "cacheDir",
  "jobs",
  "memoryBudget",
  "prelude",
  "queryDriver",
  "libclang",
  "resourceDir",
  "logLevel",
  "logFile",
] as const;

/** Options that hold from the server's first line of log on: they are flags of its command line. */
const FROM_THE_START = { logLevel: "--log-level", logFile: "--log-file" } as const;

/** A change of these settings takes another server process. */
export const RESTARTING = ["path", "arguments", ...Object.keys(FROM_THE_START)];

/** What stands for folders in settings: `${workspaceFolder}`, `${userHome}`, a leading `~`; and `${env:NAME}`. */
export interface Variables {
  workspaceFolder: string | undefined;
  userHome: string;
  environment: Readonly<Record<string, string | undefined>>;
}

/** Put in what variables stand for. One that stands for nothing is left as it is, so that it is seen in a message. */
export function expand(text: string, variables: Variables): string {
  const named = text.replaceAll(/\$\{(?:env:)?(\w+)\}/g, (whole: string, name: string) => {
    if (whole.startsWith("${env:")) return variables.environment[name] ?? "";
    if (name === "workspaceFolder") return variables.workspaceFolder ?? whole;
    return name === "userHome" ? variables.userHome : whole;
  });
  return named === "~" || named.startsWith("~/") ? variables.userHome + named.slice(1) : named;
}

/** Settings of this extension: what is needed of VS Code's `WorkspaceConfiguration`. */
export interface Settings {
  get(name: string): unknown;
  inspect(name: string): { globalValue?: unknown; workspaceValue?: unknown; workspaceFolderValue?: unknown } | undefined;
}

/** What a person has set, for all windows or here; undefined where VS Code has only the manifest's default.
 *
 * The editor's layer outranks files and the environment: a default that is sent would hide what is set there. */
export function setByPerson(settings: Settings, name: string): unknown {
  const { globalValue, workspaceValue, workspaceFolderValue } = settings.inspect(name) ?? {};
  const isSet = [globalValue, workspaceValue, workspaceFolderValue].some((value) => value !== undefined);
  const value = isSet ? settings.get(name) : undefined;
  return value === null || value === "" ? undefined : value;
}

/** The section `cpplsp` as the server takes it: its own options, those that a person has set. */
export function serverSection(settings: Settings, variables: Variables): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const name of SERVER_OPTIONS) {
    const value = name in FROM_THE_START ? undefined : setByPerson(settings, name);
    if (value !== undefined) found[name] = expandAll(value, variables);
  }
  return found;
}

function expandAll(value: unknown, variables: Variables): unknown {
  if (typeof value === "string") return expand(value, variables);
  return Array.isArray(value) ? value.map((one) => expandAll(one, variables)) : value;
}

/** The file that the setting `logFile` names; a relative path counts from the home folder, where the server is started. */
export function logPath(settings: Settings, variables: Variables): string | undefined {
  const file = setByPerson(settings, "logFile");
  return typeof file === "string" ? path.resolve(variables.userHome, expand(file, variables)) : undefined;
}

/** The server's arguments: flags for what holds from its start, then those that a person wrote. */
export function serverArguments(settings: Settings, variables: Variables): string[] {
  const flags: string[] = [];
  const given = { logLevel: setByPerson(settings, "logLevel"), logFile: logPath(settings, variables) };
  for (const [name, flag] of Object.entries(FROM_THE_START)) {
    const value = given[name as keyof typeof given];
    if (typeof value === "string") flags.push(flag, value);
  }
  return [...flags, ...ownArguments(settings, variables)];
}

function ownArguments(settings: Settings, variables: Variables): string[] {
  const own = settings.get("arguments");
  return Array.isArray(own) ? own.map((one) => expand(String(one), variables)) : [];
}

/** A command line for a terminal that reads as the server does: `--index-only --jobs 4`, and what a person wrote. */
export function indexOnlyArguments(settings: Settings, variables: Variables): string[] {
  const flags = Object.entries(serverSection(settings, variables)).flatMap(([name, value]) => [
    `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
    Array.isArray(value) ? value.join(",") : String(value),
  ]);
  return ["--index-only", ...flags, ...ownArguments(settings, variables).filter((one) => one !== "--stdio")];
}

/** A word as a POSIX shell takes it. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
