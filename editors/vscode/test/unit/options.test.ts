import assert from "node:assert/strict";
import { test } from "node:test";

import { expand, indexOnlyArguments, serverArguments, serverSection, shellWord } from "../../src/options.ts";

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

test("the server gets its own options, those that are set", () => {
  const section = {
    memoryBudget: "4G",
    jobs: null,
    cacheDir: "",
    queryDriver: ["${env:TOOLS}/*-g++"],
    compileCommandsDir: "${workspaceFolder}/out",
    path: "/opt/cpplsp",
    trace: { server: "off" },
    logLevel: "debug",
  };
  assert.deepEqual(serverSection(section, VARIABLES), {
    memoryBudget: "4G",
    queryDriver: ["/opt/*-g++"],
    compileCommandsDir: "/projects/out",
  });
  assert.deepEqual(serverSection(null, VARIABLES), {});
});

test("what holds from the start is on the command line, before what a person wrote", () => {
  const settings: Record<string, unknown> = { logLevel: "debug", logFile: "~/log", arguments: ["--jobs", "2"] };
  assert.deepEqual(
    serverArguments((name) => settings[name], VARIABLES),
    ["--log-level", "debug", "--log-file", "/home/ada/log", "--jobs", "2"],
  );
  assert.deepEqual(
    serverArguments(() => null, VARIABLES),
    [],
  );
});

test("a command line for a terminal has what is set", () => {
  const section = { memoryBudget: "50%", prelude: "auto", queryDriver: ["/a", "/b"], compileCommandsDir: "" };
  assert.deepEqual(indexOnlyArguments(section), [
    "--index-only",
    ...["--memory-budget", "50%", "--query-driver", "/a,/b"],
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
