/** Which `cpplsp` to run: a pure function of where to look. */

import * as path from "node:path";

/** Where one may be. `folders`: of the workspace, if it is trusted. `own`: the environment that this extension makes. */
export interface Surroundings {
  setting: string | undefined;
  environment: Readonly<Record<string, string | undefined>>;
  home: string;
  folders: readonly string[];
  own: string;
}

export type Origin = "setting" | "path" | "workspace" | "tool" | "own";

/** A server to run. `command`: an absolute path. */
export interface Found {
  command: string;
  origin: Origin;
}

/** No server. `isSetWrongly`: the setting names none, so that no other one is looked for. `broken`: of those looked for,
 *  scripts whose interpreter is gone, as after an upgrade of the system. */
export interface NotFound {
  isSetWrongly: boolean;
  looked: readonly string[];
  broken: readonly Broken[];
}

export interface Broken {
  command: string;
  origin: Origin;
}

/** What lies at a path. */
export type Look = "program" | "broken" | "nothing";

const NAME = "cpplsp";
const ENVIRONMENTS = [".venv", "venv", "env"];

/** The first `cpplsp` there is. A setting is meant: one that names no program is an error, and not passed over. */
export function findServer(where: Surroundings, look: (path: string) => Look): Found | NotFound {
  const broken: Broken[] = [];
  const runs = (command: string, origin: Origin): boolean => {
    const seen = look(command);
    if (seen === "broken") broken.push({ command, origin });
    return seen === "program";
  };
  if (where.setting !== undefined && where.setting !== "") {
    const named = where.setting.includes("/")
      ? [path.resolve(where.folders[0] ?? where.home, where.setting)]
      : onPath(where, where.setting);
    const command = named.find((one) => runs(one, "setting"));
    return command === undefined
      ? { isSetWrongly: true, looked: named, broken }
      : { command, origin: "setting" };
  }
  const looked: string[] = [];
  for (const [origin, places] of candidates(where)) {
    for (const command of places) {
      if (runs(command, origin)) return { command, origin };
      looked.push(command);
    }
  }
  return { isSetWrongly: false, looked, broken };
}

/** Why there is none, in a sentence or two. */
export function missingText({ isSetWrongly, looked, broken }: NotFound): string {
  const [first] = broken;
  const isOwn = first?.origin === "own";
  const gone = "cannot run: its Python is gone, as after an upgrade of the system.";
  if (isSetWrongly && first === undefined) return `the setting cpplsp.path names no program: ${looked.join(", ")}.`;
  if (isSetWrongly) return `the server that the setting cpplsp.path names ${gone} (${looked.join(", ")})`;
  if (isOwn) return `the server that this extension installed ${gone}`;
  return `there is no server on this machine.${first === undefined ? "" : ` ${first.command} ${gone}`}`;
}

/** The program that the first lines of a script name; undefined where they are none of a script. */
export function interpreterOf(head: string): string | undefined {
  const [, named] = /^#!\s*(\S+)/.exec(head) ?? [];
  // So does pip write a path that is long, or has spaces in it.
  return /^#!\/bin\/sh\n'''exec' "?([^"\n]+?)"? "\$0"/.exec(head)?.[1] ?? named;
}

function* candidates(where: Surroundings): Generator<[Origin, string[]]> {
  yield ["path", onPath(where, NAME)];
  yield [
    "workspace",
    where.folders.flatMap((folder) => ENVIRONMENTS.map((name) => path.join(folder, name, "bin", NAME))),
  ];
  yield ["tool", ofTools(where)];
  yield ["own", [path.join(where.own, "bin", NAME)]];
}

function onPath(where: Surroundings, name: string): string[] {
  const folders = (where.environment["PATH"] ?? "").split(path.delimiter);
  // A relative folder on the path is the workspace's: what lies there is not run.
  return folders.filter((folder) => path.isAbsolute(folder)).map((folder) => path.join(folder, name));
}

/** Where pipx and uv put programs, also for an editor whose `PATH` is not that of a shell. */
function ofTools(where: Surroundings): string[] {
  const { environment, home } = where;
  const data = environment["XDG_DATA_HOME"] ?? path.join(home, ".local", "share");
  const folders = [
    environment["PIPX_BIN_DIR"],
    environment["UV_TOOL_BIN_DIR"],
    environment["XDG_BIN_HOME"],
    path.join(home, ".local", "bin"),
    path.join(environment["PIPX_HOME"] ?? path.join(data, "pipx"), "venvs", NAME, "bin"),
    path.join(home, ".local", "pipx", "venvs", NAME, "bin"),
    path.join(environment["UV_TOOL_DIR"] ?? path.join(data, "uv", "tools"), NAME, "bin"),
  ];
  return folders
    .filter((folder): folder is string => folder !== undefined && path.isAbsolute(folder))
    .map((folder) => path.join(folder, NAME));
}
