/** Where a compile database may lie: as the server looks for it, purely. */

import * as path from "node:path";

const DATABASES = ["compile_commands.json", "compile_flags.txt"];

/** Whether a folder has one: where a setting says, or in it, above it, or in `build/` of one of these. */
export function hasCompileDatabase(
  folder: string,
  setting: string | undefined,
  exists: (path: string) => boolean,
): boolean {
  if (setting !== undefined && setting !== "") {
    const named = path.resolve(folder, setting);
    return DATABASES.some((name) => exists(path.join(named, name)));
  }
  for (let at = folder; ; at = path.dirname(at)) {
    if ([at, path.join(at, "build")].some((one) => DATABASES.some((name) => exists(path.join(one, name))))) return true;
    if (at === path.dirname(at)) return false;
  }
}
