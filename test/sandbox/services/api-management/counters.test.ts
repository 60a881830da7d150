import { beforeEach, expect, test } from "vitest";
import { Counters } from "../../../../sandbox/services/api-management/gateway/counters.ts";

let now = 0;
let counters: Counters;
beforeEach(() => {
  now = Date.parse("2026-01-01T00:00:30Z");
  counters = new Counters(() => now);
});

test("what is over is forgotten, what still counts is not", () => {
  for (let terminal = 0; terminal < 1000; terminal += 1) {
    counters.bucket(`b${terminal}`, 60, 60).take(30);
    counters.window(`w${terminal}`, 60, 60).take(30);
    counters.period(`p${terminal}`, 60, 0).state.count += 1;
  }
  expect(counters.size).toBe(3000);
  counters.bucket("long", 1, 300).take(1);
  counters.window("long", 1, 300).take(1);
  counters.period("ever", 0, 0).state.count = 7;
  now += 61_000;
  expect(counters.bucket("b0", 60, 60).remaining).toBe(60);
  expect(counters.size).toBe(4);
  expect([counters.bucket("long", 1, 300).remaining, counters.window("long", 1, 300).remaining]).toEqual([
    0, 0,
  ]);
  expect(counters.period("ever", 0, 0).state.count).toBe(7);
  now += 300_000;
  counters.bucket("new", 1, 1);
  expect(counters.size).toBe(2);
});

test.each(["bucket", "window"] as const)("calls at the same time all count in a %s", (kind) => {
  const limits = Array.from({ length: 3 }, () => counters[kind]("key", 10, 60));
  for (const limit of limits) limit.take(2);
  expect(counters[kind]("key", 10, 60).remaining).toBe(4);
});

test.each(["bucket", "window"] as const)("a count that comes late is not lost in a %s", (kind) => {
  const limit = counters[kind]("key", 10, 300);
  now += 120_000;
  counters[kind]("another", 10, 300);
  limit.take(4);
  expect(counters[kind]("key", 10, 300).remaining).toBe(6);
});
