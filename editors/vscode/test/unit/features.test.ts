import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { test } from "node:test";

import { bytesText, clockText, countText } from "../../src/amounts.ts";
import { memoryRows } from "../../src/features/memoryTree.ts";
import { question, rivals } from "../../src/features/others.ts";
import { installFailure, newEnough } from "../../src/server/python.ts";

const MIB = 2 ** 20;

test("amounts are written as the server writes them", () => {
  assert.deepEqual([3 << 10, 312 * MIB, 4 << 10].map(bytesText), ["3 KiB", "312 MiB", "4 KiB"]);
  assert.equal(bytesText(4 * 2 ** 30), "4.0 GiB");
  assert.deepEqual([7, 750, 10_931].map(clockText), ["0:07", "12:30", "3:02:11"]);
  assert.deepEqual([countText(1, "unit"), countText(1203, "unit")], ["1 unit", "1,203 units"]);
});

test("memory is a tree with the biggest first, and without what takes nothing", () => {
  const leaf = (bytes: number) => ({ _self: bytes, _total: bytes });
  const tree = {
    ...{ _self: 0, _total: 130 * MIB, server: leaf(50 * MIB) },
    indexing: { _self: 0, _total: 80 * MIB, nursery: leaf(0), "worker 7 a.cc": leaf(80 * MIB) },
  };
  assert.deepEqual(memoryRows(tree), [
    {
      label: "indexing",
      description: "80 MiB",
      parts: [{ label: "worker 7 a.cc", description: "80 MiB", parts: [] }],
    },
    { label: "server", description: "50 MiB", parts: [] },
  ]);
});

test("another extension is a rival if it is there and not turned off", () => {
  const all = (): boolean => true;
  assert.deepEqual(
    rivals(all, () => undefined).map((one) => one.name),
    ["C/C++", "clangd"],
  );
  const off: Record<string, unknown> = { "C_Cpp.intelliSenseEngine": "disabled", "clangd.enable": true };
  assert.deepEqual(
    rivals(all, (name) => off[name]).map((one) => one.name),
    ["clangd"],
  );
  assert.deepEqual(
    rivals(() => false, () => undefined),
    [],
  );
  assert.deepEqual(
    rivals(all, () => undefined).map((one) => one.takesReload),
    [false, true],
  );
  assert.match(question(rivals(all, () => undefined)), /^C\/C\+\+ and clangd answer the same questions/);
});

test("a Python is new enough from 3.11 on", () => {
  assert.deepEqual(["3 10\n", "3 11\n", "3 14", "4 0", "2 7", ""].map(newEnough), [
    ...[false, true, true, true, false, false],
  ]);
});

test("what pip says is told in a line, with what to do", () => {
  assert.match(installFailure("The virtual environment … ensurepip is not available."), /apt install python3-venv/);
  assert.match(installFailure("OSError: [Errno 28] No space left on device"), /disk is full/);
  assert.match(installFailure("WARNING: Retrying … NewConnectionError('…')\nERROR: x"), /cannot be reached/);
  assert.equal(installFailure("Collecting a\nERROR: No matching distribution found for b\n\n"), "ERROR: No matching distribution found for b");
  assert.equal(installFailure("\n"), "it said nothing.");
});

interface Manifest {
  contributes: {
    commands: { command: string }[];
    walkthroughs: { steps: { media: { markdown?: string; image?: string }; description: string }[] }[];
    menus: Record<string, { command: string }[]>;
  };
}

test("what the manifest names is there", () => {
  const root = path.resolve(import.meta.dirname, "../..");
  const manifest = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")) as Manifest;
  const { commands, walkthroughs, menus } = manifest.contributes;
  const source = readFileSync(path.join(root, "src/extension.ts"), "utf8");
  const known = new Set(commands.map((one) => one.command));
  for (const command of known) {
    assert.match(source, new RegExp(String.raw`\b${command.replace("cpplsp.", "")}\b`), command);
  }
  for (const { command } of Object.values(menus).flat()) assert.ok(known.has(command), command);
  for (const step of walkthroughs.flatMap((one) => one.steps)) {
    const { markdown, image } = step.media;
    if (markdown !== undefined) assert.ok(readFileSync(path.join(root, markdown), "utf8").startsWith("# "));
    else assert.ok(image !== undefined && existsSync(path.join(root, image)), image);
    const linked = /\(command:(cpplsp\.\w+)/.exec(step.description)?.[1];
    assert.ok(linked === undefined || known.has(linked), linked);
  }
});
