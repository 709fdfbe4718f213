import assert from "node:assert/strict";
import { test } from "node:test";

import { findServer, type Surroundings } from "../../src/server/finding.ts";

const WHERE: Surroundings = {
  setting: undefined,
  environment: { PATH: "/usr/bin:bin:/opt/bin" },
  home: "/home/ada",
  folders: ["/projects"],
  own: "/storage/server",
};

function find(there: string[], where: Partial<Surroundings> = {}): ReturnType<typeof findServer> {
  return findServer({ ...WHERE, ...where }, (path) => there.includes(path));
}

test("the path comes before the workspace, that before tools, and these before our own", () => {
  const there = [
    "/opt/bin/cpplsp",
    "/projects/.venv/bin/cpplsp",
    "/home/ada/.local/bin/cpplsp",
    "/storage/server/bin/cpplsp",
  ];
  const origins = ["path", "workspace", "tool", "own"];
  for (const [at, origin] of origins.entries()) {
    assert.deepEqual(find(there.slice(at)), { command: there[at], origin });
  }
});

test("nothing is run that a relative folder on the path leads to", () => {
  assert.ok(!("command" in find(["bin/cpplsp", "/projects/bin/cpplsp"])));
});

test("a workspace without trust has no folders, and its environment is not looked into", () => {
  assert.ok(!("command" in find(["/projects/.venv/bin/cpplsp"], { folders: [] })));
});

test("what pipx and uv installed is found where their variables say", () => {
  for (const [variable, folder, program] of [
    ["PIPX_BIN_DIR", "/p", "/p/cpplsp"],
    ["UV_TOOL_BIN_DIR", "/u", "/u/cpplsp"],
    ["XDG_BIN_HOME", "/x", "/x/cpplsp"],
    ["PIPX_HOME", "/p", "/p/venvs/cpplsp/bin/cpplsp"],
    ["UV_TOOL_DIR", "/u", "/u/cpplsp/bin/cpplsp"],
    ["XDG_DATA_HOME", "/d", "/d/uv/tools/cpplsp/bin/cpplsp"],
  ] as const) {
    const found = find([program], { environment: { [variable]: folder } });
    assert.deepEqual(found, { command: program, origin: "tool" }, variable);
  }
});

test("a setting that names no program is told of, and nothing else is run", () => {
  const there = ["/opt/bin/cpplsp"];
  assert.deepEqual(find(there, { setting: "/gone/cpplsp" }), {
    isSetWrongly: true,
    looked: ["/gone/cpplsp"],
  });
  assert.deepEqual(find(["/made/cpplsp"], { setting: "/made/cpplsp" }), {
    command: "/made/cpplsp",
    origin: "setting",
  });
});

test("a setting counts from the workspace's folder, or is a name on the path", () => {
  assert.deepEqual(find(["/projects/bin/cpplsp"], { setting: "./bin/cpplsp" }), {
    command: "/projects/bin/cpplsp",
    origin: "setting",
  });
  assert.deepEqual(find(["/opt/bin/cpplsp-dev"], { setting: "cpplsp-dev" }), {
    command: "/opt/bin/cpplsp-dev",
    origin: "setting",
  });
});

test("where nothing is found, it is known where was looked", () => {
  const found = find([]);
  assert.ok(!("command" in found) && !found.isSetWrongly);
  assert.ok(found.looked.includes("/usr/bin/cpplsp") && found.looked.includes("/home/ada/.local/bin/cpplsp"));
});
