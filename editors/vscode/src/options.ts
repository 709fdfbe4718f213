/** Settings on their way to the server: pure functions of values. */

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

/** The section `cpplsp` as the server takes it: its own options, those that are set. */
export function serverSection(section: unknown, variables: Variables): Record<string, unknown> {
  const given = typeof section === "object" && section !== null ? (section as Record<string, unknown>) : {};
  const found: Record<string, unknown> = {};
  for (const name of SERVER_OPTIONS) {
    const value = given[name];
    if (value === null || value === undefined || value === "" || name in FROM_THE_START) continue;
    found[name] = expandAll(value, variables);
  }
  return found;
}

function expandAll(value: unknown, variables: Variables): unknown {
  if (typeof value === "string") return expand(value, variables);
  return Array.isArray(value) ? value.map((one) => expandAll(one, variables)) : value;
}

/** The server's arguments: flags for what holds from its start, then those that a person wrote. */
export function serverArguments(get: (name: string) => unknown, variables: Variables): string[] {
  const flags: string[] = [];
  for (const [name, flag] of Object.entries(FROM_THE_START)) {
    const value = get(name);
    if (typeof value === "string" && value !== "") flags.push(flag, expand(value, variables));
  }
  const own = get("arguments");
  return [...flags, ...(Array.isArray(own) ? own.map((one) => expand(String(one), variables)) : [])];
}

/** The same options as flags, for a command line that a person sees: `cpplsp --index-only --jobs 4`. */
export function indexOnlyArguments(section: Record<string, unknown>): string[] {
  const flags = ["--index-only"];
  for (const [name, value] of Object.entries(section)) {
    if (name in FROM_THE_START || (name === "prelude" && value === "auto")) continue;
    const text = Array.isArray(value) ? value.join(",") : String(value);
    if (text !== "") flags.push(`--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`, text);
  }
  return flags;
}

/** A word as a POSIX shell takes it. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
