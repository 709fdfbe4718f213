import assert from "node:assert/strict";
import { test } from "node:test";

import { endReason, type LogLine, ServerLog } from "../../src/server/log.ts";

function read(...pieces: string[]): { lines: LogLine[]; reason: string } {
  const lines: LogLine[] = [];
  const log = new ServerLog((line) => lines.push(line));
  for (const piece of pieces) log.take(piece);
  log.end();
  return { lines, reason: log.reason };
}

const AT = "2026-11-29 10:00:00,123";

test("lines have the levels that the server gave them, however they come", () => {
  const { lines } = read(`${AT} INFO cpplsp.a: b`, `egun\n${AT} WARNING cpplsp.b: c\n${AT} DEB`, "UG x: y");
  assert.deepEqual(lines, [
    { level: "info", text: "cpplsp.a: begun" },
    { level: "warn", text: "cpplsp.b: c" },
    { level: "info", text: "debug: x: y" },
  ]);
});

test("a traceback is of the level of the line before it, and its last line is the reason", () => {
  const { lines, reason } = read(`${AT} ERROR x: failed\nTraceback (most recent call last):\n`, "KeyError: 1\n");
  assert.deepEqual(new Set(lines.map((line) => line.level)), new Set(["error"]));
  assert.equal(reason, "KeyError: 1");
});

test("without an error the last line is the reason", () => {
  assert.equal(read("cpplsp: error: unrecognized arguments: --nonsense\n\n").reason.slice(0, 13), "cpplsp: error");
  assert.equal(read().reason, "");
});

test("where the log goes to a file, the reason of an end names it", () => {
  assert.equal(endReason("", "/home/ada/log"), "its log is in /home/ada/log");
  assert.equal(endReason("MemoryError", "/log"), "MemoryError; its log is in /log");
  assert.deepEqual([endReason("MemoryError", undefined), endReason("", undefined)], ["MemoryError", ""]);
});
