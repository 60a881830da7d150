import type { ChangeResult } from "../../audit-log/record.ts";
import type { OfferResult } from "../../file-exchange/exchange.ts";
import type { OfferStatus } from "../../file-exchange/offers/offer-status.ts";
import type { Output } from "../../terminal-ui/output.ts";
import { t } from "../../words/translate.ts";

/** What the audit log records of an offer. `send` and `request` share it. */
export function offerResult({ id, isNew }: OfferResult): ChangeResult {
  return { outcome: "done", details: { offer: id, new: isNew } };
}

/** Reports offers that were removed to make room before their file was transferred. */
export function reportRemovedOffers(terminal: string, removed: OfferStatus[], output: Output): void {
  for (const { id, offer, state } of removed) {
    if (state === "done") continue;
    const { name, direction } = offer;
    output.result(
      "removed",
      { terminal, id, name, direction, state },
      state === "failed"
        ? t`Removed an offer that failed: ${name}  ${id}`
        : t`Removed an offer that expired: ${name}  ${id}`,
    );
  }
}
