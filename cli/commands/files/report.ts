import { failureReasons } from "../../file-exchange/offers/offer.ts";
import type { OfferStatus } from "../../file-exchange/offers/offer-status.ts";
import { formatBytes, formatTime } from "../../terminal-ui/format.ts";

/**
 * An offer as `--json` writes it.
 * @param hasDeadLink Whether the file link is invalid, because the account key that signed it was renewed.
 */
export function offerValue(
  terminal: string,
  { id, offer, state, acknowledgement }: OfferStatus,
  hasDeadLink: boolean,
): object {
  const { direction, name, validUntil } = offer;
  const size = offer.direction === "download" ? { size: offer.size } : {};
  const link = hasDeadLink ? { linkInvalid: true } : {};
  return { terminal, id, direction, name, ...size, validUntil, ...(acknowledgement ?? { state }), ...link };
}

/** An offer on one line. */
export function formatOffer(status: OfferStatus, hasDeadLink: boolean): string {
  const { id, offer, state } = status;
  const direction = offer.direction === "download" ? "to terminal  " : "from terminal";
  const size = offer.direction === "download" ? ` (${formatBytes(offer.size)})` : "";
  return `${id}  ${direction}  ${state.padEnd(7)}  ${offer.name}${size}  ${formatProgress(status, hasDeadLink)}`;
}

function formatProgress({ offer, acknowledgement }: OfferStatus, hasDeadLink: boolean): string {
  if (hasDeadLink) {
    const again = offer.direction === "download" ? "send it again" : "request it again";
    return `its link is invalid, because the account key was renewed: ${again}`;
  }
  if (!acknowledgement) return `until ${formatTime(offer.validUntil)}`;
  const time = formatTime(acknowledgement.at);
  return acknowledgement.state === "failed"
    ? `${time}: ${failureReasons[acknowledgement.reason]}`
    : `at ${time}`;
}
