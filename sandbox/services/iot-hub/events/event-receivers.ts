import { eventsError } from "./events-error.ts";

/** A receiver of one partition in one consumer group. */
export interface EventReceiver {
  name: string;
  /** Undefined for a receiver that shares its partition. */
  epoch: number | undefined;
  close(error: Error): void;
}

/** Source: Event Hubs quotas, "Number of non-epoch receivers per consumer group". */
const maxSharing = 5;

/**
 * The receivers that read a partition in a consumer group: up to five, or one with an epoch. Source: event-hubs/
 * event-hubs-event-processor-host, "Receiver epoch", and the texts of Event Hubs' exceptions in issues of its SDKs.
 */
export class EventReceivers {
  private readonly byPartition = new Map<string, Set<EventReceiver>>();

  /** @throws EventsError */
  add(key: string, receiver: EventReceiver): void {
    const others = this.byPartition.get(key) ?? new Set();
    const owner = [...others].find(({ epoch }) => epoch !== undefined);
    const { name, epoch } = receiver;
    if (epoch === undefined) {
      if (owner) {
        throw eventsError(
          "stolen",
          `At least one receiver for the endpoint is created with epoch of '${owner.epoch}', and so non-epoch ` +
            "receiver is not allowed. Either reconnect with a higher epoch, or make sure all epoch receivers are closed or disconnected.",
        );
      }
      if (others.size >= maxSharing) {
        throw eventsError(
          "limit",
          `Exceeded the maximum number of allowed receivers per partition in a consumer group which is ${maxSharing}.`,
        );
      }
    } else {
      if (owner?.epoch !== undefined && owner.epoch > epoch) {
        throw eventsError(
          "stolen",
          `Receiver '${owner.name}' with a higher epoch '${owner.epoch}' already exists. Receiver '${name}' with epoch ${epoch} cannot be created.`,
        );
      }
      for (const other of [...others]) {
        other.close(
          eventsError(
            "stolen",
            `New receiver '${name}' with higher epoch of '${epoch}' is created hence current receiver '${other.name}' with epoch '${other.epoch ?? 0}' is getting disconnected.`,
          ),
        );
      }
    }
    const now = this.byPartition.get(key) ?? new Set();
    this.byPartition.set(key, now.add(receiver));
  }

  remove(key: string, receiver: EventReceiver): void {
    const others = this.byPartition.get(key);
    others?.delete(receiver);
    if (others?.size === 0) this.byPartition.delete(key);
  }
}
