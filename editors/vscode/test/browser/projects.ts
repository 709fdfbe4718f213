/** What there is to be seen in the projects that tests open. */

import { cpSync, readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";

/** Places to go to: lines and columns from 1. `query` finds `symbol` by some of its letters; `outline`: a row of the target's. */
export interface Sights {
  use: { file: string; line: number; column: number };
  definition: { file: string; line: number; column: number };
  name: string;
  counterpart: string;
  query: string;
  symbol: string;
  outline: string;
}

const SIGHTS: Record<string, Sights> = {
  calculator: {
    use: { file: "src/main.cpp", line: 12, column: 50 },
    definition: { file: "parser.cpp", line: 10, column: 24 },
    name: "parse",
    counterpart: "parser.hpp",
    query: "#binar",
    symbol: "Binary",
    outline: "product",
  },
  leveldb: {
    use: { file: "db/db_impl.cc", line: 568, column: 22 },
    definition: { file: "version_set.cc", line: 777, column: 22 },
    name: "LogAndApply",
    counterpart: "version_set.h",
    query: "#tabuild",
    symbol: "TableBuilder",
    outline: "TargetFileSize",
  },
};

/** Those of a project, by its folder's name. Throws for one that nobody has described. */
export function sightsOf(project: string): Sights {
  const found = SIGHTS[path.basename(project)];
  if (found === undefined) throw new Error(`${project}: its sights are not described in test/browser/projects.ts`);
  return found;
}

const BROKEN = "src/broken.cpp";

/** A copy of the project that comes with cpplsp, with a source in it that does not compile. */
export function withBroken(project: string, folder: string): string {
  const copy = copyOf(project, folder);
  writeFileSync(path.join(copy, BROKEN), `#include "calc/scope.hpp"\n\ndouble zero() { return unknown; }\n`);
  const database = path.join(copy, "compile_commands.json");
  const entries = JSON.parse(readFileSync(database, "utf8")) as Record<string, unknown>[];
  const [first] = entries;
  const command = ["c++", "-std=c++17", "-Iinclude", "-c", BROKEN];
  entries.push({ directory: first?.["directory"], file: BROKEN, arguments: command });
  writeFileSync(database, JSON.stringify(entries));
  return copy;
}

/** A copy of a project that a test may change. */
export function copyOf(project: string, folder: string): string {
  const copy = path.join(folder, path.basename(project));
  cpSync(project, copy, { recursive: true });
  return copy;
}
