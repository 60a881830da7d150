import { expect, test } from "vitest";
import { parseQuery } from "../../../../sandbox/services/monitor/kusto/query.ts";

const nowMs = Date.parse("2026-01-01T12:00:00Z");
const lines = [
  { TimeGenerated: "2026-01-01T11:00:00.000Z", Code: "401003", Size: 1, properties_s: '{"deviceId":"a"}' },
  { TimeGenerated: "2026-01-01T11:50:00.000Z", Code: "429001", Size: 2, properties_s: '{"deviceId":"b"}' },
  { TimeGenerated: "2026-01-01T11:55:00.000Z", Code: "401003", Size: 3, properties_s: '{"deviceId":"a"}' },
];
const run = (steps: string) => parseQuery(`Table | ${steps}`).run(lines, nowMs);

test.each<[string, object[]]>([
  ['where Code == "401003" and Size > 1 | project Size', [{ Size: 3 }]],
  ['where Code in ("1", "429001") or Size == 1 | project Size', [{ Size: 1 }, { Size: 2 }]],
  ['where Code startswith "429" | project Code', [{ Code: "429001" }]],
  ["where TimeGenerated > ago(15m) | project Size", [{ Size: 2 }, { Size: 3 }]],
  ["extend id = tostring(parse_json(properties_s).deviceId) | distinct id", [{ id: "a" }, { id: "b" }]],
  ["summarize count() by Code | where count_ > 1", [{ Code: "401003", count_: 2 }]],
  [
    "extend id = tostring(parse_json(properties_s).deviceId) | summarize n = dcount(id), most = max(Size)",
    [{ n: 2, most: 3 }],
  ],
  ['where Code == "none" | summarize n = count()', [{ n: 0 }]],
])("%s", (steps, expected) => {
  expect(run(steps)).toEqual(expected);
});

test.each([
  ["union A, B", /do not support the operator union/],
  ["search 'x'", /do not support the operator search/],
  ["Table | join (B) on x", /does not know the operator join/],
  ["Table | where f(x)", /does not know the function f/],
  ["Table | summarize avg(x)", /does not know the aggregation avg/],
  ["Table | where (x", /'\)' is missing/],
  ["Table ; x", /unexpected character ';'/],
])("%s is refused by name", (query, message) => {
  expect(() => parseQuery(query)).toThrow(message);
});
