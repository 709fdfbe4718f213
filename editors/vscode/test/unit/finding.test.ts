import assert from "node:assert/strict";
import { test } from "node:test";

import { findServer, interpreterOf, missingText, type Surroundings } from "../../src/server/finding.ts";

const WHERE: Surroundings = {
  setting: undefined,
  environment: { PATH: "/usr/bin:bin:/opt/bin" },
  home: "/home/ada",
  folders: ["/projects"],
  own: "/storage/server",
};

function find(
  there: string[],
  where: Partial<Surroundings> = {},
  broken: string[] = [],
): ReturnType<typeof findServer> {
  return findServer({ ...WHERE, ...where }, (path) =>
    broken.includes(path) ? "broken" : there.includes(path) ? "program" : "nothing",
  );
}

function missing(where: Partial<Surroundings>, broken: string[]): string {
  const found = find([], where, broken);
  assert.ok(!("command" in found));
  return missingText(found);
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
    broken: [],
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

test("a script whose interpreter is gone is passed over, and told of where nothing else is found", () => {
  const gone = "/storage/server/bin/cpplsp";
  assert.deepEqual(find(["/opt/bin/cpplsp"], {}, [gone]), { command: "/opt/bin/cpplsp", origin: "path" });
  assert.match(missing({}, [gone]), /^the server that this extension installed cannot run: its Python is gone/);
  const tool = "/home/ada/.local/bin/cpplsp";
  assert.match(missing({}, [tool]), /^there is no server on this machine. \/home\/ada\/.local\/bin\/cpplsp cannot run/);
  assert.equal(missing({}, []), "there is no server on this machine.");
  assert.match(missing({ setting: "/x/cpplsp" }, ["/x/cpplsp"]), /that the setting cpplsp.path names cannot run.*\/x\/cpplsp/);
  assert.match(missing({ setting: "/x/cpplsp" }, []), /names no program: \/x\/cpplsp/);
});

test("the interpreter of a script is known, also as pip writes a long path", () => {
  assert.equal(interpreterOf("#!/own/bin/python3\nimport re"), "/own/bin/python3");
  assert.equal(interpreterOf("#! /usr/bin/env python3\n"), "/usr/bin/env");
  const long = `#!/bin/sh\n'''exec' "/a b/bin/python" "$0" "$@"\n' '''\n`;
  assert.equal(interpreterOf(long), "/a b/bin/python");
  assert.equal(interpreterOf(long.replaceAll('"/a b/bin/python"', "/long/python")), "/long/python");
  assert.equal(interpreterOf("#!/bin/sh\nexec x\n"), "/bin/sh");
  assert.equal(interpreterOf("\x7fELF"), undefined);
});
