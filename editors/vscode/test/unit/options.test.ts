import assert from "node:assert/strict";
import { test } from "node:test";

import {
  expand,
  indexOnlyArguments,
  logPath,
  serverArguments,
  serverSection,
  type Settings,
  shellWord,
} from "../../src/options.ts";

const VARIABLES = { workspaceFolder: "/projects", userHome: "/home/ada", environment: { TOOLS: "/opt" } };

test("variables stand for folders; one that stands for nothing stays", () => {
  assert.equal(expand("${workspaceFolder}/build", VARIABLES), "/projects/build");
  assert.equal(expand("~/bin/cpplsp", VARIABLES), "/home/ada/bin/cpplsp");
  assert.equal(expand("${userHome}/${env:TOOLS}${env:NONE}", VARIABLES), "/home/ada//opt");
  assert.equal(expand("${file}/a~", VARIABLES), "${file}/a~");
  assert.equal(
    expand("${workspaceFolder}", { ...VARIABLES, workspaceFolder: undefined }),
    "${workspaceFolder}",
  );
});

/** Settings as VS Code has them: the manifest's defaults, and what a person wrote over them. */
function settings(written: Record<string, unknown>, where = "globalValue"): Settings {
  const defaults: Record<string, unknown> = { prelude: "auto", queryDriver: [], jobs: null, logLevel: "info", logFile: "" };
  return {
    get: (name) => written[name] ?? defaults[name],
    inspect: (name) => (name in written ? { [where]: written[name] } : {}),
  };
}

test("the server gets its own options, those that are set", () => {
  const written = {
    memoryBudget: "4G",
    jobs: null,
    cacheDir: "",
    queryDriver: ["${env:TOOLS}/*-g++"],
    compileCommandsDir: "${workspaceFolder}/out",
    path: "/opt/cpplsp",
    logLevel: "debug",
  };
  assert.deepEqual(serverSection(settings(written), VARIABLES), {
    memoryBudget: "4G",
    queryDriver: ["/opt/*-g++"],
    compileCommandsDir: "/projects/out",
  });
});

test("a default of the manifest is not sent: it would outrank a project's own file", () => {
  assert.deepEqual(serverSection(settings({}), VARIABLES), {});
  assert.deepEqual(serverArguments(settings({}), VARIABLES), []);
  assert.deepEqual(indexOnlyArguments(settings({}), VARIABLES), ["--index-only"]);
});

test("what a person set is sent, wherever, also where it is the default", () => {
  for (const where of ["globalValue", "workspaceValue", "workspaceFolderValue"]) {
    const written = settings({ prelude: "auto", queryDriver: [], logLevel: "info" }, where);
    assert.deepEqual(serverSection(written, VARIABLES), { prelude: "auto", queryDriver: [] });
    assert.deepEqual(serverArguments(written, VARIABLES), ["--log-level", "info"]);
  }
});

test("what holds from the start is on the command line, before what a person wrote", () => {
  const written = { logLevel: "debug", logFile: "~/log", arguments: ["--jobs", "2"] };
  assert.deepEqual(serverArguments(settings(written), VARIABLES), [
    ...["--log-level", "debug", "--log-file", "/home/ada/log", "--jobs", "2"],
  ]);
});

test("the log is opened where the server writes it", () => {
  const written = ["~/log", "${workspaceFolder}/log", "logs/cpplsp.log", "", null];
  assert.deepEqual(
    written.map((logFile) => logPath(settings({ logFile }), VARIABLES)),
    ["/home/ada/log", "/projects/log", "/home/ada/logs/cpplsp.log", undefined, undefined],
  );
});

test("a command line for a terminal has what the server gets", () => {
  const written = {
    ...{ memoryBudget: "50%", prelude: "auto", queryDriver: ["/a", "/b"], compileCommandsDir: "" },
    arguments: ["--stdio", "--cache-dir", "~/cache"],
  };
  assert.deepEqual(indexOnlyArguments(settings(written), VARIABLES), [
    "--index-only",
    ...["--memory-budget", "50%", "--prelude", "auto", "--query-driver", "/a,/b", "--cache-dir", "/home/ada/cache"],
  ]);
});

test("a shell takes a word as it is meant", () => {
  assert.deepEqual(["/a-b/c.d", "50%", "a b", "it's", "$x"].map(shellWord), [
    "/a-b/c.d",
    "50%",
    "'a b'",
    String.raw`'it'\''s'`,
    "'$x'",
  ]);
});
