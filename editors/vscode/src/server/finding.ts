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

/** No server. `isSetWrongly`: the setting names none, so that no other one is looked for. */
export interface NotFound {
  isSetWrongly: boolean;
  looked: readonly string[];
}

const NAME = "cpplsp";
const ENVIRONMENTS = [".venv", "venv", "env"];

/** The first `cpplsp` there is. A setting is meant: one that names no program is an error, and not passed over. */
export function findServer(where: Surroundings, isProgram: (path: string) => boolean): Found | NotFound {
  if (where.setting !== undefined && where.setting !== "") {
    const named = where.setting.includes("/")
      ? [path.resolve(where.folders[0] ?? where.home, where.setting)]
      : onPath(where, where.setting);
    const command = named.find(isProgram);
    return command === undefined
      ? { isSetWrongly: true, looked: named }
      : { command, origin: "setting" };
  }
  const looked: string[] = [];
  for (const [origin, places] of candidates(where)) {
    for (const command of places) {
      if (isProgram(command)) return { command, origin };
      looked.push(command);
    }
  }
  return { isSetWrongly: false, looked };
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
