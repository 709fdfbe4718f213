import assert from "node:assert/strict";
import { test } from "node:test";

import { Restarts } from "../../src/server/restarts.ts";

test("pauses double, and the fifth end within three minutes is the last", () => {
  let now = 0;
  const restarts = new Restarts(() => now);
  const verdicts = [0, 10, 20, 30, 40].map((second) => {
    now = second * 1000;
    return restarts.ended();
  });
  assert.deepEqual(verdicts, [
    { delayMs: 1000 },
    { delayMs: 2000 },
    { delayMs: 4000 },
    { delayMs: 8000 },
    { ends: 5 },
  ]);
});

test("ends that are three minutes ago do not count", () => {
  let now = 0;
  const restarts = new Restarts(() => now);
  for (let count = 0; count < 10; count += 1) {
    now += 60_000;
    assert.ok("delayMs" in restarts.ended());
  }
});

test("a start by a person begins anew", () => {
  const restarts = new Restarts(() => 0);
  for (let count = 0; count < 5; count += 1) restarts.ended();
  restarts.forget();
  assert.deepEqual(restarts.ended(), { delayMs: 1000 });
});
