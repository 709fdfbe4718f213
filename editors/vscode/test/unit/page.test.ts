import assert from "node:assert/strict";
import { test } from "node:test";

import type { FolderStatus, TroubledUnit } from "../../src/protocol.ts";
import { pageHtml } from "../../src/status/html.ts";

function unit(changes: Partial<TroubledUnit>): TroubledUnit {
  return { uri: "file:///w/a.cc", path: "a.cc", state: "errors", error: "no", errors: 1, location: null, ...changes };
}

function folder(failed: TroubledUnit[], withErrors: TroubledUnit[] = []): FolderStatus {
  return {
    folder: "/w",
    state: {
      ...{ folder: "/w", phase: "idle", done: 1, total: 1, failed: 0, withErrors: 0, current: null, workers: 0 },
      ...{ memoryBytes: 0, budgetBytes: 0, remainingS: null, message: "" },
    },
    index: {
      ...{ path: "/c/index.sqlite", sizeBytes: 2 ** 21, changedS: 0, units: { indexed: 1200, crashed: 1 } },
      ...{ failed, withErrors, files: 3, symbols: 4, occurrences: 5 },
    },
  };
}

function drawn(...folders: FolderStatus[]): string {
  return pageHtml({ folders }, "n", "c:");
}

test("a failed unit leads to its file, and an error to its place", () => {
  const start = { line: 23, character: 4 };
  const location = { uri: "file:///w/b.h", range: { start, end: start } };
  const html = drawn(
    folder(
      [unit({ state: "crashed", error: "the worker crashed" })],
      [unit({ error: "b.h:24:5: no member", errors: 3, location })],
    ),
  );
  assert.match(html, /data-open="file:\/\/\/w\/a.cc" data-line="0" data-character="0">a.cc</);
  assert.match(html, /data-open="file:\/\/\/w\/b.h" data-line="23" data-character="4">b.h:24:5: no member</);
  assert.match(html, />crashed, twice<.*the worker crashed/s);
  assert.match(html, />3 errors</);
  assert.match(html, /Units read<\/dt><dd>1,200</);
});

test("names and messages of a project are text, wherever they stand", () => {
  const evil = `"><img src=x onerror='alert(1)'>`;
  const html = drawn(folder([unit({ uri: `file:///w/${evil}`, path: evil, state: evil, error: evil })]));
  assert.ok(!html.includes("<img"));
  assert.equal(html.split("&quot;&gt;&lt;img src=x onerror=&#39;").length - 1, 4);
});

test("nothing runs or loads but what the page has of its own", () => {
  const html = pageHtml({ folders: [folder([])] }, "secret", "csp:");
  assert.match(html, /default-src 'none'; style-src csp: 'nonce-secret'; script-src 'nonce-secret'/);
  assert.equal(html.match(/<script/g)?.length, 1);
});

test("to retry is offered where something failed, and to resume where indexing is paused", () => {
  const idle = folder([]);
  assert.doesNotMatch(drawn(idle), /cpplsp\.retryFailed/);
  assert.match(drawn(folder([unit({})])), /cpplsp\.retryFailed/);
  assert.match(drawn(idle), /cpplsp\.pauseIndexing/);
  const paused = { ...idle, state: { ...idle.state, phase: "paused" as const } };
  assert.match(drawn(paused), /cpplsp\.resumeIndexing/);
});

test("a list that nobody reads to its end is cut, and says so", () => {
  const html = drawn(folder(Array.from({ length: 1700 }, () => unit({}))));
  assert.equal(html.match(/<tr>/g)?.length, 500);
  assert.match(html, /and 1,200 more/);
});

test("a folder without an index, and no folder, are told", () => {
  assert.match(drawn({ ...folder([]), index: null }), /There is no index yet/);
  assert.match(drawn(), /No folder is open/);
});

test("without a server it is told what is with it, and only what helps is offered", () => {
  const commands = (html: string): string[] => [...html.matchAll(/data-command="cpplsp\.(\w+)"/g)].map((one) => one[1] ?? "");
  const ended = pageHtml({ condition: { name: "ended", reason: "<MemoryError>" } }, "n", "c:");
  assert.match(ended, /The server has ended: &lt;MemoryError&gt;\./);
  assert.deepEqual(commands(ended), ["restart", "openLog"]);
  const notFound = { isSetWrongly: false, looked: [], broken: [] };
  const missing = pageHtml({ condition: { name: "missing", notFound } }, "n", "c:");
  assert.match(missing, /There is no server on this machine\./);
  assert.deepEqual(commands(missing), ["install", "openLog"]);
});
