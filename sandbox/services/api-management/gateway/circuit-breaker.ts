/** A rule of a backend's circuit breaker. Source: "Backends in API Management", circuit breaker. */
export interface BreakerRule {
  /** Failures that open the circuit. */
  count: number;
  /** Time in milliseconds in which they are counted. */
  intervalMs: number;
  /** Time in milliseconds for which the circuit is open. */
  tripMs: number;
  /** Status codes that are failures. */
  statusCodeRanges: { min: number; max: number }[];
  /** Reasons of errors that are failures, in lower case. */
  errorReasons: string[];
}

interface Circuit {
  /** Times of failures in the interval, in milliseconds since 1970. */
  failures: number[];
  /** The circuit is open until this time. */
  openUntil: number;
}

/** The circuits of the backends, by resource ID. Kept in memory, as by each unit of the gateway. */
export class CircuitBreakers {
  private readonly circuits = new Map<string, Circuit>();
  private readonly now: () => number;

  constructor(now: () => number) {
    this.now = now;
  }

  /** Whether the gateway sends no calls to the backend at the moment. */
  isOpen(backendId: string): boolean {
    return (this.circuits.get(backendId)?.openUntil ?? 0) > this.now();
  }

  /**
   * Counts a call.
   * @param status Status of the response; of an error, the one that the caller would get.
   * @param reason Reason of an error; undefined for a response.
   */
  count(backendId: string, rule: BreakerRule, status: number, reason?: string): void {
    const isFailure =
      rule.statusCodeRanges.some(({ min, max }) => status >= min && status <= max) ||
      (reason !== undefined && rule.errorReasons.includes(reason.toLowerCase()));
    if (!isFailure) return;
    const now = this.now();
    const circuit = this.circuits.get(backendId) ?? { failures: [], openUntil: 0 };
    circuit.failures = [...circuit.failures.filter((at) => at > now - rule.intervalMs), now];
    if (circuit.failures.length >= rule.count) {
      circuit.openUntil = now + rule.tripMs;
      circuit.failures = [];
    }
    this.circuits.set(backendId, circuit);
  }
}
