/** What a process uses. */
export interface Usage {
  /** Resident memory now, in MB. */
  residentMb: number;
  /** Computing time since its start, in seconds. */
  cpuSeconds: number;
}

/** What this process uses. The heap is collected before, if Node runs with --expose-gc. */
export function readUsage(): Usage {
  globalThis.gc?.();
  const { user, system } = process.cpuUsage();
  return { residentMb: process.memoryUsage.rss() / 2 ** 20, cpuSeconds: (user + system) / 1e6 };
}
