import { fingerprint } from "../../credentials/key-offer.ts";
import { OperatorError } from "../../lib/errors.ts";
import { mintDeviceKeys } from "../../onboarding/identities.ts";
import { Changed, type Rotating, type RotationContext, stillOurs } from "./context.ts";
import { identityOf, writeKeys } from "./hand-over.ts";

/**
 * The terminal was seen using its new keys: its new key for the hub becomes the primary one, and the grace time of the
 * old keys begins.
 */
export async function promote(rotating: Rotating, context: RotationContext): Promise<void> {
  const { terminal, twin, record } = rotating;
  if (record.keys.includes("hub")) {
    const identity = await identityOf(terminal, context);
    const { primaryKey, secondaryKey } = identity.authentication.symmetricKey;
    if (fingerprint(primaryKey) !== record.handedOver?.hub) {
      if (fingerprint(secondaryKey) !== record.handedOver?.hub) throw changedElsewhere();
      await stillOurs(rotating, context);
      await writeKeys(identity, { primaryKey: secondaryKey, secondaryKey: primaryKey }, context);
    }
  }
  const promotedAt = new Date(context.clock.now()).toISOString();
  const patch = {
    tags: {
      keys: {
        rotation: { promotedAt },
        ...(record.keys.includes("hub") ? { hubCreatedAt: record.startedAt } : {}),
      },
    },
    desired: { keys: null },
  };
  if (!(await context.fleet.twins.patch(terminal, patch, twin.etag))) throw new Changed();
}

/** The grace time is over: the old keys end, and with them the rotation. */
export async function finish(rotating: Rotating, context: RotationContext): Promise<void> {
  const { terminal, customer, twin, record } = rotating;
  const { fleet } = context;
  if (record.keys.includes("hub")) {
    const identity = await identityOf(terminal, context);
    const { primaryKey } = identity.authentication.symmetricKey;
    if (fingerprint(primaryKey) !== record.handedOver?.hub) throw changedElsewhere();
    await stillOurs(rotating, context);
    await writeKeys(identity, { primaryKey, secondaryKey: mintDeviceKeys().secondaryKey }, context);
  }
  const found = await fleet.flowKeys.read(customer, terminal);
  await stillOurs(rotating, context);
  if (found && found.row.currentKeySha256 === record.handedOver?.flow && found.row.previousKeySha256 !== "") {
    const ended = await fleet.flowKeys.change(customer, terminal, { previousKeySha256: "" }, found.etag);
    if (!ended && (await fleet.flowKeys.get(customer, terminal))?.previousKeySha256 !== "") {
      throw new Changed();
    }
  }
  if (!(await fleet.twins.patch(terminal, { tags: { keys: { rotation: null } } }, twin.etag))) {
    throw new Changed();
  }
}

function changedElsewhere(): OperatorError {
  return new OperatorError("failed", "its keys at the hub are not those that were handed over", {
    code: "KeysChanged",
    remedy: "Somebody changed them elsewhere. `terminals rotate TERMINAL --again` hands over new ones.",
  });
}
