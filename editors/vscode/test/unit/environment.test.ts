import assert from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { afterEach, beforeEach, test } from "node:test";

import { InstallError, installedWheel, makeEnvironment, type Run } from "../../src/server/environment.ts";

let storage: string;
let own: string;

beforeEach(() => {
  storage = mkdtempSync(path.join(tmpdir(), "cpplsp-environment-"));
  own = path.join(storage, "server");
});

afterEach(() => {
  rmSync(storage, { recursive: true });
});

/** Python, venv, pip and the server as far as they matter here. `before`: what happens when pip is run. */
function tools(server: string, before: () => Promise<void> | void = () => undefined): Run {
  return async (command, args, signal) => {
    signal?.throwIfAborted();
    if (args.includes("-c")) return "3 12";
    if (args.includes("venv")) {
      mkdirSync(path.join(args.at(-1) ?? "", "bin"), { recursive: true });
    } else if (args.includes("pip")) {
      await before();
      signal?.throwIfAborted();
      writeFileSync(path.join(path.dirname(command), "cpplsp"), server);
    }
    return "";
  };
}

async function make(run: Run, wheel: string, controller = new AbortController()): Promise<string | undefined> {
  const say = (): void => undefined;
  return await makeEnvironment(own, `/wheels/${wheel}`, { run, say, signal: controller.signal });
}

function served(): string {
  return readFileSync(path.join(own, "bin", "cpplsp"), "utf8");
}

/** What lies in the storage beside the link, and what it leads to. */
function left(): string[] {
  const used = ["server", path.basename(realpathSync(own))];
  return readdirSync(storage).filter((name) => !used.includes(name));
}

test("an environment is made where there is none, and known by its wheel", async () => {
  assert.equal(await make(tools("one"), "1.whl"), undefined);
  assert.deepEqual([served(), await installedWheel(own), left()], ["one", "1.whl", []]);
});

test("an update puts the new one in the place of the old, which lives on for those that run it", async () => {
  await make(tools("one"), "1.whl");
  const during = tools("two", () => {
    assert.equal(served(), "one");
  });
  const replaced = await make(during, "2.whl");
  assert.deepEqual([served(), await installedWheel(own)], ["two", "2.whl"]);
  assert.equal(readFileSync(path.join(replaced ?? "", "bin", "cpplsp"), "utf8"), "one");
});

test("an update that fails leaves what there was, and nothing else", async () => {
  await make(tools("one"), "1.whl");
  const offline = tools("two", () => {
    throw Object.assign(new Error("exit code 1"), { stdout: "", stderr: "NewConnectionError('…')\nERROR: x" });
  });
  await assert.rejects(make(offline, "2.whl"), (error) =>
    error instanceof InstallError && error.message.includes("cannot be reached"));
  assert.deepEqual([served(), await installedWheel(own), left()], ["one", "1.whl", []]);
});

test("an update that is cancelled leaves what there was, and nothing else", async () => {
  await make(tools("one"), "1.whl");
  const controller = new AbortController();
  const cancelled = tools("two", () => {
    controller.abort();
  });
  await assert.rejects(make(cancelled, "2.whl", controller), { name: "AbortError" });
  assert.deepEqual([served(), await installedWheel(own), left()], ["one", "1.whl", []]);
});

test("a server that does not run is not put in place", async () => {
  await make(tools("one"), "1.whl");
  const run = tools("two");
  const broken: Run = async (command, args, signal) => {
    if (args.includes("--version")) throw Object.assign(new Error(), { stderr: "ImportError: libclang" });
    return await run(command, args, signal);
  };
  await assert.rejects(make(broken, "2.whl"), /ImportError: libclang/);
  assert.deepEqual([served(), left()], ["one", []]);
});

test("a folder of an earlier version of the extension is replaced as well", async () => {
  mkdirSync(path.join(own, "bin"), { recursive: true });
  writeFileSync(path.join(own, "bin", "cpplsp"), "old");
  const replaced = await make(tools("new"), "1.whl");
  assert.equal(served(), "new");
  assert.equal(readFileSync(path.join(replaced ?? "", "bin", "cpplsp"), "utf8"), "old");
});

test("where another window was faster, its environment stays", async () => {
  await make(tools("one"), "1.whl");
  const slow = tools("mine", async () => {
    await make(tools("its"), "2.whl");
  });
  assert.equal(await make(slow, "2.whl"), undefined);
  assert.equal(served(), "its");
});

test("what a killed run has left is removed, and what another one makes just now is not", async () => {
  const [killed, busy] = [`${own}-killed`, `${own}-busy`];
  for (const folder of [killed, busy]) mkdirSync(folder);
  utimesSync(killed, 0, 0);
  await make(tools("one"), "1.whl");
  assert.deepEqual([existsSync(killed), existsSync(busy)], [false, true]);
});

test("without a Python that is new enough it is said what is needed", async () => {
  const old: Run = (_command, args) => Promise.resolve(args.includes("-c") ? "3 9" : "");
  await assert.rejects(make(old, "1.whl"), /Python 3.11 or later is needed/);
});
