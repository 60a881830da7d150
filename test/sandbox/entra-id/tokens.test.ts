import { expect, test } from "vitest";
import { Store } from "../../../sandbox/core/store.ts";
import { Tokens } from "../../../sandbox/entra-id/tokens.ts";

const hubs = "https://iothubs.azure.net";

test("a token that was accepted once is still refused after its expiry, before its start, with a changed byte and for another service", async () => {
  const store = new Store(":memory:");
  let now = Date.UTC(2026, 0, 1);
  const tokens = await Tokens.open(store, { now: () => now }, "example-tenant");
  const { token, expiresIn } = await tokens.issue(
    { objectId: "example", appId: "app", kind: "ServicePrincipal", displayName: "example" },
    hubs,
  );
  const verify = (text = token, audience = hubs) => tokens.verify(`Bearer ${text}`, [audience]);
  const caller = { objectId: "example", appId: "app", expires: now + expiresIn * 1000 };
  expect(await verify()).toEqual(caller);
  expect(await verify()).toEqual(caller);
  await expect(verify(token, "https://storage.azure.com")).rejects.toThrow('unexpected "aud" claim value');
  await expect(verify(`${token.slice(0, -6)}AAAAAA`)).rejects.toThrow("signature verification failed");
  now += expiresIn * 1000 - 1;
  expect(await verify()).toEqual(caller);
  now += 1;
  await expect(verify()).rejects.toThrow('"exp" claim timestamp check failed');
  now -= expiresIn * 1000 + 1;
  await expect(verify()).rejects.toThrow('"nbf" claim timestamp check failed');
  store.close();
});
