import assert from "node:assert/strict";
import { test } from "node:test";

import type { IndexState } from "../../src/protocol.ts";
import { isPaused, itemText } from "../../src/status/text.ts";

const GIB = 2 ** 30;

function state(changes: Partial<IndexState>): IndexState {
  return {
    folder: "/projects/leveldb",
    phase: "idle",
    done: 0,
    total: 0,
    failed: 0,
    withErrors: 0,
    current: null,
    workers: 0,
    memoryBytes: 0,
    budgetBytes: 0,
    remainingS: null,
    message: "",
    ...changes,
  };
}

const INDEXING = state({
  phase: "indexing",
  done: 12,
  total: 1633,
  failed: 2,
  current: "db/db_impl.cc",
  workers: 4,
  memoryBytes: 454 * 2 ** 20,
  budgetBytes: 2 * GIB,
  remainingS: 75,
});

test("while units are read: how many, by how many workers, in what memory", () => {
  assert.deepEqual(itemText({ name: "running" }, [INDEXING]), {
    text: "$(sync~spin) cpplsp 12/1633 · 4 workers · 454 MiB",
    details: [
      "**leveldb**: 12 of 1,633 units, about 1:15 left; 4 workers, 454 MiB of 2.0 GiB; now `db/db_impl.cc`, 2 failed",
    ],
    isWarning: false,
  });
});

test("before the first sample of memory none is told", () => {
  const early = state({ phase: "indexing", total: 5 });
  assert.equal(itemText({ name: "running" }, [early]).text, "$(sync~spin) cpplsp 0/5");
});

test("at rest there is a tick, or how many units failed", () => {
  assert.deepEqual(itemText({ name: "running" }, [state({ total: 1, done: 1, withErrors: 1 })]), {
    text: "$(check) cpplsp",
    details: ["**leveldb**: 1 unit, up to date, 1 with errors"],
    isWarning: false,
  });
  assert.equal(itemText({ name: "running" }, [state({ failed: 3 })]).text, "$(warning) cpplsp: 3 failed");
});

test("of several folders the one is told that most is to be said of, and each has a line", () => {
  const failed = state({ folder: "/projects/b", phase: "failed", message: "there is nothing to index in /projects/b [*]" });
  const told = itemText({ name: "running" }, [state({ folder: "/projects/a" }), INDEXING, failed]);
  assert.equal(told.text, "$(error) cpplsp: not indexed");
  assert.equal(told.isWarning, true);
  assert.deepEqual(
    told.details.map((line) => line.split(":")[0]),
    ["**a**", "**leveldb**", "**b**"],
  );
  assert.ok(told.details[2]?.endsWith(String.raw`/projects/b \[\*\]`));
});

test("a check between two states is no reason to flicker", () => {
  for (const phase of ["checking", "finishing", "idle"] as const) {
    assert.equal(itemText({ name: "running" }, [state({ phase })]).text, "$(check) cpplsp");
  }
});

test("a pause is told, and known", () => {
  const paused = state({ phase: "paused", done: 3, total: 9 });
  assert.equal(itemText({ name: "running" }, [paused]).text, "$(debug-pause) cpplsp: paused at 3/9");
  assert.deepEqual([isPaused([INDEXING, paused]), isPaused([INDEXING])], [true, false]);
});

test("what is wrong with the server is told in place of all else", () => {
  const missing = itemText({ name: "missing", notFound: { isSetWrongly: false, looked: [], broken: [] } }, [INDEXING]);
  assert.equal(missing.text, "$(warning) cpplsp: not installed");
  const pausing = itemText({ name: "pausing", delayMs: 4000, reason: "MemoryError" }, []);
  assert.deepEqual(pausing.details, [String.raw`The server has ended: MemoryError\. It is started again in 4 s\.`]);
  assert.equal(itemText({ name: "ended", reason: "" }, []).text, "$(error) cpplsp: stopped");
});
