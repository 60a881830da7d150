import rhea from "rhea";
import type { Hub } from "../hub.ts";
import type { Feedback } from "../messages/feedback.ts";

/** A link on which a caller receives the hub's feedback. It sends batches while the link has credit. */
export class FeedbackLink {
  private readonly hub: Hub;
  private readonly sender: rhea.Sender;
  private readonly feedback: Feedback;
  /** Locks by delivery. */
  private readonly inFlight = new Map<rhea.Delivery, string>();
  private readonly onReady: (hub: string) => void;

  constructor(hub: Hub, sender: rhea.Sender, feedback: Feedback) {
    this.hub = hub;
    this.sender = sender;
    this.feedback = feedback;
    this.onReady = (hubKey) => {
      if (hubKey === hub.key) this.deliver();
    };
    feedback.on("ready", this.onReady);
    sender.on("sendable", () => this.deliver());
  }

  settle(delivery: rhea.Delivery, outcome: "accepted" | "released"): void {
    const lock = this.inFlight.get(delivery);
    this.inFlight.delete(delivery);
    if (!lock) return;
    if (outcome === "accepted") this.feedback.complete(lock);
    else this.feedback.abandon(this.hub, lock);
  }

  /** Returns unsettled batches to the queue, after the link has ended. */
  close(): void {
    this.feedback.off("ready", this.onReady);
    for (const lock of this.inFlight.values()) this.feedback.release(lock);
    this.inFlight.clear();
  }

  private deliver(): void {
    while (this.sender.sendable()) {
      const batch = this.feedback.receive(this.hub);
      if (!batch) return;
      const delivery = this.sender.send({
        user_id: this.hub.name as never,
        content_type: "application/vnd.microsoft.iothub.feedback.json",
        message_annotations: { "iothub-enqueuedtime": new Date(batch.enqueued) },
        body: rhea.message.data_section(Buffer.from(batch.body)),
      });
      this.inFlight.set(delivery, batch.lock);
    }
  }
}
