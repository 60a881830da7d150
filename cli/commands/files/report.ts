import { failureReasons } from "../../file-exchange/offers/offer.ts";
import type { OfferStatus } from "../../file-exchange/offers/offer-status.ts";
import { formatBytes, formatTime } from "../../terminal-ui/format.ts";

/** An offer as `--json` writes it. */
export function offerValue(terminal: string, { id, offer, state, acknowledgement }: OfferStatus): object {
  const { direction, name, validUntil } = offer;
  const size = offer.direction === "download" ? { size: offer.size } : {};
  return { terminal, id, direction, name, ...size, validUntil, ...(acknowledgement ?? { state }) };
}

/** An offer on one line. */
export function formatOffer(status: OfferStatus): string {
  const { id, offer, state } = status;
  const direction = offer.direction === "download" ? "to terminal  " : "from terminal";
  const size = offer.direction === "download" ? ` (${formatBytes(offer.size)})` : "";
  return `${id}  ${direction}  ${state.padEnd(7)}  ${offer.name}${size}  ${formatProgress(status)}`;
}

function formatProgress({ offer, acknowledgement }: OfferStatus): string {
  if (!acknowledgement) return `until ${formatTime(offer.validUntil)}`;
  const time = formatTime(acknowledgement.at);
  return acknowledgement.state === "failed"
    ? `${time}: ${failureReasons[acknowledgement.reason]}`
    : `at ${time}`;
}
