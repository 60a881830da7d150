import type { DeviceTwin } from "../../azure/iot-hub/twins.ts";
import { parseKeyReport } from "../../credentials/key-offer.ts";
import { countTwinBytes, maxDesiredBytes } from "../../file-exchange/offers/twin-size.ts";
import { OperatorError } from "../../lib/operator-error.ts";
import { quote } from "../../lib/quote.ts";
import { t } from "../../words/translate.ts";
import type { RotationContext } from "./context.ts";
import { parseKeyTags } from "./record.ts";

/** The most that a key offer adds to the desired properties of a twin. */
const keyOfferBytes = 4096;

/** Code of the error for a terminal that new keys cannot reach before it connects. */
export const notReachableCode = "NotReachableYet";

/** How new keys reach a terminal: in its twin, sealed for `recipient`, or as a sealed file. */
export type Channel = { recipient: string } | "file";

/** Chooses how new keys reach a terminal. @throws OperatorError when they cannot. */
export function chooseChannel(
  twin: DeviceTwin,
  { bundles, filesOnly, acceptsNewRecipient }: RotationContext,
): Channel {
  const { recipient } = parseKeyReport(twin.properties.reported);
  const firstRecipient = parseKeyTags(twin.tags).recipient;
  if (filesOnly && bundles) return "file";
  if (recipient && firstRecipient && firstRecipient !== recipient && !acceptsNewRecipient) {
    throw new OperatorError("failed", t`it reports another age recipient than before`, {
      remedy: t`If it was set up again, add --new-recipient. If not, its key may be in use elsewhere: revoke the terminal.`,
    });
  }
  if (recipient) {
    if (countTwinBytes({ ...twin.properties.desired, keys: undefined }) + keyOfferBytes <= maxDesiredBytes) {
      return { recipient };
    }
    throw new OperatorError("failed", t`its device twin is full: desired properties are limited to 32 KB`, {
      remedy: t`Withdraw offers: \`npx terminals files ${quote(twin.deviceId, "TERMINAL")} --withdraw ID\`.`,
    });
  }
  if (bundles) return "file";
  const message = twin.lastActivityTime?.startsWith("0001-")
    ? t`it has never connected, so new keys cannot be sealed for it`
    : t`it has not reported an age recipient for its keys`;
  throw new OperatorError("failed", message, {
    code: notReachableCode,
    remedy: t`Let it connect, or create a sealed file for the installer: --out FOLDER --recipient AGE_RECIPIENT.`,
  });
}
