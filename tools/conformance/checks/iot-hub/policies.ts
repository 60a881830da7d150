import { createHmac } from "node:crypto";
import type { Check, Trial } from "../../check.ts";
import type { HubClient } from "../../clients/hub.ts";
import {
  iotHubManagement,
  listPolicies,
  type PolicyKeys,
  partsOf,
  refusalOf,
  registryOf,
} from "../../clients/iot-sdks.ts";
import { sources } from "../sources.ts";

const section = "iot-hub/settings";
/** Seconds until a hub uses changed policies. Azure documents none. */
const policySeconds = 600;

const named = (policies: PolicyKeys[], name: string): PolicyKeys => {
  const policy = policies.find(({ keyName }) => keyName === name);
  if (!policy) throw new Error(`the hub has no policy ${name}`);
  return policy;
};

/** A SAS of a policy for the whole hub. @param seconds Until its expiry. */
function sas(hub: HubClient, { keyName }: PolicyKeys, key: string, seconds = 3600): string {
  const resource = encodeURIComponent(hub.host);
  const end = Math.floor(hub.target.now() / 1000) + seconds;
  const signature = createHmac("sha256", Buffer.from(key, "base64")).update(`${resource}\n${end}`);
  const sig = encodeURIComponent(signature.digest("base64"));
  return `SharedAccessSignature sr=${resource}&sig=${sig}&se=${end}&skn=${keyName}`;
}

/** Changes the policies of the hub, beside those that every hub has. */
async function setOwnPolicies(t: Trial, hub: HubClient, own: Partial<PolicyKeys>[]): Promise<void> {
  const { group, name } = partsOf(hub.id);
  const management = iotHubManagement(t.target).iotHubResource;
  const description = await management.get(group, name);
  const kept = (await listPolicies(hub)).filter(({ keyName }) => !keyName.startsWith("conformance"));
  const authorizationPolicies = [...kept, ...own] as never;
  await management.beginCreateOrUpdateAndWait(
    group,
    name,
    { ...description, properties: { ...description.properties, authorizationPolicies } },
    { updateIntervalInMs: t.target.pollMs },
  );
}

/** Shared access policies, with @azure/arm-iothub and azure-iothub. */
export const policyChecks: Check[] = [
  {
    id: "iot-hub/policy-list",
    section,
    title: "A hub has five policies with two keys each, which only listkeys shows",
    azure: "`iothubowner`, `service`, `device`, `registryRead` and `registryReadWrite`, keys of 32 bytes.",
    source: sources.hubSas,
    known: "documented",
    async run(t) {
      const hub = await t.fixture.hub();
      const policies = await listPolicies(hub);
      t.expect("names", policies.map(({ keyName }) => keyName).sort(), [
        "device",
        "iothubowner",
        "registryRead",
        "registryReadWrite",
        "service",
      ]);
      const keys = policies.flatMap(({ primaryKey, secondaryKey }) => [primaryKey, secondaryKey]);
      t.expect("bytes of a key", [...new Set(keys.map((key) => Buffer.from(key, "base64").length))], [32]);
      const { group, name } = partsOf(hub.id);
      const shown = JSON.stringify(await iotHubManagement(t.target).iotHubResource.get(group, name));
      t.expect("keys that a read shows", keys.filter((key) => shown.includes(key)).length, 0);
    },
  },
  {
    id: "iot-hub/policy-rights",
    section,
    title: "A policy can do what its rights name, and no more",
    azure:
      "registryRead reads identities and cannot create one; registryReadWrite does both; service reads twins and no identity; device reads none.",
    source: sources.hubSas,
    known: "documented",
    async run(t) {
      const hub = await t.fixture.hub();
      await hub.addDevice(t.name);
      const policies = await listPolicies(hub);
      for (const [policy, reads, creates, readsTwin] of [
        ["registryRead", "none", "UnauthorizedError", "UnauthorizedError"],
        ["registryReadWrite", "none", "none", "UnauthorizedError"],
        ["service", "UnauthorizedError", "UnauthorizedError", "none"],
        ["device", "UnauthorizedError", "UnauthorizedError", "UnauthorizedError"],
      ] as const) {
        const registry = registryOf(hub, named(policies, policy));
        t.expect(`${policy}: read`, await refusalOf(registry.get(t.name)), reads);
        const deviceId = `${t.name}-${policy}`;
        t.expect(`${policy}: create`, await refusalOf(registry.create({ deviceId })), creates);
        t.expect(`${policy}: twin`, await refusalOf(registry.getTwin(t.name)), readsTwin);
      }
    },
  },
  {
    id: "iot-hub/policy-token",
    section,
    title: "A token of a policy needs its key, its expiry in the future and its hub",
    azure: "401 otherwise.",
    source: sources.hubSas,
    known: "documented",
    async run(t) {
      const hub = await t.fixture.hub();
      const policies = await listPolicies(hub);
      const owner = named(policies, "iothubowner");
      const status = async (as: string) => (await hub.send("GET", "/statistics/devices", { as })).status;
      t.expect("valid", await status(sas(hub, owner, owner.primaryKey)), 200);
      // Azure accepts some difference of clocks.
      t.expect("expired", await status(sas(hub, owner, owner.primaryKey, -3600)), 401);
      t.expect("other key", await status(sas(hub, owner, named(policies, "device").primaryKey)), 401);
      const elsewhere = sas(hub, owner, owner.primaryKey).replace("azure-devices", "azure-device");
      t.expect("other hub", await status(elsewhere), 401);
    },
  },
  {
    id: "iot-hub/policy-key-renewed",
    section,
    title: "A renewed key of a policy ends the tokens of the old one, and a removed policy all of its tokens",
    azure:
      "401 after some time, for which there is no promise; the other key stays valid until the policy goes.",
    source: sources.hubSas,
    known: "documented",
    async run(t) {
      const hub = await t.fixture.hub();
      const policy = { keyName: `conformance${t.name}`, rights: "RegistryRead" };
      await setOwnPolicies(t, hub, [policy]);
      const before = named(await listPolicies(hub), policy.keyName);
      const status = async (key: string) =>
        (await hub.send("GET", "/statistics/devices", { as: sas(hub, before, key) })).status;
      const is = (key: string, wanted: number) => async () => (await status(key)) === wanted;
      const accepted = await t.until("the new policy", policySeconds, is(before.primaryKey, 200));
      t.measure("time until a new policy is accepted", accepted);
      // A PUT with one key of a policy renews the other one.
      await setOwnPolicies(t, hub, [{ ...policy, secondaryKey: before.secondaryKey }]);
      const after = named(await listPolicies(hub), policy.keyName);
      t.expect("primary key is new", after.primaryKey !== before.primaryKey, true);
      t.expect("secondary key is new", after.secondaryKey !== before.secondaryKey, false);
      const renewed = await t.until("the end of the old key", policySeconds, is(before.primaryKey, 401));
      t.measure("time until the old key is refused", renewed);
      t.expect("keys", [await status(after.primaryKey), await status(after.secondaryKey)], [200, 200]);
      await setOwnPolicies(t, hub, []);
      const removed = await t.until("the end of the policy", policySeconds, is(after.primaryKey, 401));
      t.measure("time until a removed policy is refused", removed);
      t.expect("second key", await status(after.secondaryKey), 401);
    },
  },
];
