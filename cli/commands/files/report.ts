import { hasDeadLink, type LinkSigner } from "../../file-exchange/link-signature.ts";
import { failureReasons } from "../../file-exchange/offers/offer.ts";
import type { OfferStatus } from "../../file-exchange/offers/offer-status.ts";
import { formatBytes, formatTime } from "../../terminal-ui/format.ts";
import type { Output } from "../../terminal-ui/output.ts";
import { t } from "../../words/translate.ts";

/** @param prefix Begins the line for people, for example with the terminal's ID. */
export function reportOffer(
  terminal: string,
  offer: OfferStatus,
  signer: LinkSigner,
  output: Output,
  prefix = "",
): void {
  const isDead = hasDeadLink(offer, signer);
  output.result("file", offerValue(terminal, offer, isDead), prefix + formatOffer(offer, isDead));
}

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

const stateWords: Record<OfferStatus["state"], () => string> = {
  waiting: () => t`waiting`,
  done: () => t`done`,
  failed: () => t`failed`,
  expired: () => t`expired`,
};

/** An offer on one line. */
export function formatOffer(status: OfferStatus, hasDeadLink: boolean): string {
  const { id, offer, state } = status;
  const directions = [t`to terminal`, t`from terminal`] as const;
  const direction = directions[offer.direction === "download" ? 0 : 1];
  const width = Math.max(...directions.map((text) => text.length));
  const size = offer.direction === "download" ? ` (${formatBytes(offer.size)})` : "";
  return `${id}  ${direction.padEnd(width)}  ${stateWords[state]().padEnd(7)}  ${offer.name}${size}  ${formatProgress(status, hasDeadLink)}`;
}

function formatProgress({ offer, acknowledgement }: OfferStatus, hasDeadLink: boolean): string {
  if (hasDeadLink) {
    return offer.direction === "download"
      ? t`its link is invalid, because the account key was renewed: send it again`
      : t`its link is invalid, because the account key was renewed: request it again`;
  }
  if (!acknowledgement) return t`until ${formatTime(offer.validUntil)}`;
  const time = formatTime(acknowledgement.at);
  return acknowledgement.state === "failed"
    ? `${time}: ${failureReasons[acknowledgement.reason]()}`
    : t`at ${time}`;
}
