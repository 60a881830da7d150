import type { Check, Trial } from "../../check.ts";
import { HubClient } from "../../clients/hub.ts";
import { sources } from "../sources.ts";

const section = "iot-hub/registry";

/** The statuses of changes of desired properties, one after the other. */
async function statusesOf(t: Trial, patches: Record<string, object>): Promise<Record<string, number>> {
  const hub = await t.fixture.hub();
  await hub.addDevice(t.name);
  const statuses: Record<string, number> = {};
  for (const [name, desired] of Object.entries(patches)) {
    const answer = await hub.send("PATCH", `/twins/${t.name}`, { body: { properties: { desired } } });
    statuses[name] = answer.status;
  }
  return statuses;
}

/** Objects below the root, one in the other. */
const nested = (levels: number): object => (levels === 0 ? { a: 1 } : { a: nested(levels - 1) });

/** Device twins, and queries of them. */
export const twinChecks: Check[] = [
  {
    id: "iot-hub/twin-merge",
    section,
    title:
      "A change of desired properties is merged, null removes a member, and each change counts the version",
    azure: "200 with the whole twin; `$version` grows by one.",
    source: sources.hubTwins,
    known: "documented",
    async run(t) {
      const hub = await t.fixture.hub();
      await hub.addDevice(t.name);
      const patch = async (desired: object) =>
        (await hub.send("PATCH", `/twins/${t.name}`, { body: { properties: { desired } } })).json.properties
          .desired;
      const first = await patch({ interval: 60, door: { open: true } });
      const second = await patch({ interval: null, door: { bell: 1 } });
      t.expect("members", [second.interval ?? null, second.door], [null, { open: true, bell: 1 }]);
      t.expect("growth of the version", second.$version - first.$version, 1);
    },
  },
  {
    id: "iot-hub/twin-stale-etag",
    section,
    title: "A change of a twin with an old ETag is refused",
    azure: "412 `PreconditionFailed`, and the twin is unchanged.",
    source: sources.hubTwins,
    known: "documented",
    async run(t) {
      const hub = await t.fixture.hub();
      await hub.addDevice(t.name);
      const answer = await hub.send("PATCH", `/twins/${t.name}`, {
        headers: { "if-match": '"AAAAAAAAAAk="' },
        body: { tags: { site: "hall" } },
      });
      t.expect("answer", [answer.status, HubClient.codeOf(answer)], [412, "PreconditionFailed"]);
      t.expect("tags", (await hub.send("GET", `/twins/${t.name}`)).json.tags ?? {}, {});
    },
  },
  {
    id: "iot-hub/twin-value-size",
    section,
    title: "A text in a twin has 4 KB at most",
    azure: "200 for 4,096 characters, 400 for 4,097.",
    source: sources.hubTwins,
    known: "documented",
    async run(t) {
      t.expect(
        "statuses",
        await statusesOf(t, { "4096": { a: "x".repeat(4096) }, "4097": { a: "x".repeat(4097) } }),
        { "4096": 200, "4097": 400 },
      );
    },
  },
  {
    id: "iot-hub/twin-depth",
    section,
    title: "Desired properties have 10 levels of objects at most",
    azure: "200 for 10 levels, 400 for 11.",
    source: sources.hubTwins,
    known: "documented",
    async run(t) {
      t.expect("statuses", await statusesOf(t, { "10": nested(10), "11": nested(11) }), {
        "10": 200,
        "11": 400,
      });
    },
  },
  {
    id: "iot-hub/twin-names",
    section,
    title: "Names in a twin have no dot, no dollar sign and no space",
    azure: "400 for each.",
    source: sources.hubTwins,
    known: "documented",
    async run(t) {
      t.expect(
        "statuses",
        await statusesOf(t, { dot: { "a.b": 1 }, dollar: { a$b: 1 }, space: { "a b": 1 } }),
        {
          dot: 400,
          dollar: 400,
          space: 400,
        },
      );
    },
  },
  {
    id: "iot-hub/twin-integers",
    section,
    title: "Integers in a twin are below 2^52",
    azure: "200 for 4503599627370495, 400 for 4503599627370496.",
    source: sources.hubTwins,
    known: "documented",
    async run(t) {
      const statuses = await statusesOf(t, { largest: { a: 2 ** 52 - 1 }, more: { a: 2 ** 52 } });
      t.expect("statuses", statuses, { largest: 200, more: 400 });
    },
  },
  {
    id: "iot-hub/twin-tags-size",
    section,
    title: "Tags have 8 KB at most",
    azure: "400 for nine texts of 1,000 characters; the tags stay as they were.",
    source: sources.hubTwins,
    known: "documented",
    async run(t) {
      const hub = await t.fixture.hub();
      await hub.addDevice(t.name);
      const tags = Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`t${i}`, "x".repeat(1000)]));
      const answer = await hub.send("PATCH", `/twins/${t.name}`, { body: { tags } });
      t.expect("status", answer.status, 400);
      t.expect("tags", (await hub.send("GET", `/twins/${t.name}`)).json.tags ?? {}, {});
    },
  },
  {
    id: "iot-hub/twin-missing",
    section,
    title: "The twin of a device that does not exist is refused",
    azure: "404 `DeviceNotFound`.",
    source: sources.hubErrors,
    known: "documented",
    async run(t) {
      const hub = await t.fixture.hub();
      const answer = await hub.send("GET", `/twins/${t.name}`);
      t.expect("answer", [answer.status, HubClient.codeOf(answer)], [404, "DeviceNotFound"]);
    },
  },
  {
    id: "iot-hub/query-index",
    section,
    title: "A query finds a device by its tag some time after the change",
    azure: "The index follows the registry with a delay, for which there is no promise.",
    source: sources.hubQueries,
    known: "documented",
    differs: "Queries return a change at once. The option `indexDelayMs` sets a delay.",
    async run(t) {
      const hub = await t.fixture.hub();
      await hub.addDevice(t.name);
      await hub.send("PATCH", `/twins/${t.name}`, { body: { tags: { run: t.name } } });
      const found = async () =>
        (await hub.query(`SELECT deviceId FROM devices WHERE tags.run = '${t.name}'`)).json?.length === 1;
      t.measure("time until the query finds it", await t.until("the query to find it", 300, found));
      t.expect("found", await found(), true);
    },
  },
  {
    id: "iot-hub/query-paging",
    section,
    title: "A query gives pages, with a continuation token until the last one",
    azure: "`x-ms-max-item-count: 1` gives one row and `x-ms-continuation`.",
    source: sources.hubQueries,
    known: "documented",
    async run(t) {
      const hub = await t.fixture.hub();
      for (const id of [`${t.name}-1`, `${t.name}-2`]) {
        await hub.addDevice(id);
        await hub.send("PATCH", `/twins/${id}`, { body: { tags: { run: t.name } } });
      }
      const text = `SELECT deviceId FROM devices WHERE tags.run = '${t.name}'`;
      await t.until("the query to find both", 300, async () => (await hub.query(text)).json?.length === 2);
      const one = { "x-ms-max-item-count": "1" };
      const first = await hub.query(text, one);
      const continuation = String(first.headers["x-ms-continuation"] ?? "");
      t.expect("rows of the first page", [first.json.length, continuation !== ""], [1, true]);
      const second = await hub.query(text, { ...one, "x-ms-continuation": continuation });
      t.expect("rows of the second page", second.json.length, 1);
      t.expect("the pages differ", second.json[0].deviceId === first.json[0].deviceId, false);
    },
  },
  {
    id: "iot-hub/query-syntax",
    section,
    title: "A query that is not in the language is refused",
    azure: "400 for `SELEKT`.",
    source: sources.hubQueries,
    known: "documented",
    differs: "The sandbox's error names the column.",
    async run(t) {
      const hub = await t.fixture.hub();
      t.expect("status", (await hub.query("SELEKT * FROM devices")).status, 400);
    },
  },
  {
    id: "iot-hub/query-aggregate",
    section,
    title: "A query counts devices",
    azure: "`SELECT COUNT() AS n FROM devices` gives one row.",
    source: sources.hubQueries,
    known: "documented",
    async run(t) {
      const hub = await t.fixture.hub();
      const { status, json } = await hub.query("SELECT COUNT() AS n FROM devices");
      t.expect("answer", [status, json?.length, typeof json?.[0]?.n], [200, 1, "number"]);
    },
  },
];
