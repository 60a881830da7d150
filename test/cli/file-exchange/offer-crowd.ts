import pMap from "p-map";
import { type MockInstance, vi } from "vitest";
import type { Fleet } from "../../../cli/azure/fleet.ts";
import type { OfferStatus } from "../../../cli/file-exchange/offers/offer-status.ts";
import type { AzureProxy } from "../../../sandbox/proxy/proxy.ts";
import { idsOf, makeTerminals } from "../fleet-by-hand.ts";

const bulkSize = 100;

/** Creates terminals PREFIX-0, PREFIX-1, … of one customer, with everything that file exchange needs. */
export async function makeCrowd(
  operator: Fleet,
  prefix: string,
  count: number,
  place: { customer: string; site: string },
): Promise<string[]> {
  const ids = idsOf(prefix, count);
  for (let start = 0; start < count; start += bulkSize) {
    await makeTerminals(operator, ids.slice(start, start + bulkSize), place);
  }
  await pMap(ids, (id) => operator.files.ensureContainer(id), { concurrency: 16 });
  return ids;
}

/** The offers of each terminal. */
export async function readOffers(operator: Fleet, ids: string[]): Promise<Map<string, OfferStatus[]>> {
  const offers = await pMap(ids, async (id) => [id, await operator.offers.list(id)] as const, {
    concurrency: 16,
  });
  return new Map(offers);
}

/** Counts what the proxy forwards: uploads of bytes, and copies that Azure Storage makes. */
export class TransferCounter implements Disposable {
  uploads = 0;
  copies = 0;
  private readonly spy: MockInstance;

  constructor({ faults }: AzureProxy, filesHost: string) {
    const pick = faults.pick.bind(faults);
    this.spy = vi.spyOn(faults, "pick").mockImplementation((host, req) => {
      const { method, url = "" } = req;
      const { headers = {} } = req as { headers?: Record<string, unknown> };
      const isContent = method === "PUT" && !/restype=/.test(url) && !/comp=(?!block\b)/.test(url);
      if (host === filesHost && isContent) {
        if (headers["x-ms-copy-source"] === undefined) this.uploads++;
        else this.copies++;
      }
      return pick(host, req);
    });
  }

  [Symbol.dispose](): void {
    this.spy.mockRestore();
  }
}
