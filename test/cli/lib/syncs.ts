import { existsSync, readlinkSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { vi } from "vitest";

/** Only Linux shows the path of a file handle. */
export const canSeeSyncs = process.platform === "linux";

/**
 * Records the paths of files and folders that this process syncs, in order. They are still synced.
 * @param exists A path. Each record then ends with "after" or "before": whether that path existed at the sync.
 */
export async function watchSyncs(exists?: string): Promise<{ paths: string[]; end(): void }> {
  const probe = await open("/dev/null");
  const handles = Object.getPrototypeOf(probe) as Pick<FileHandle, "sync" | "datasync">;
  await probe.close();
  const paths: string[] = [];
  const spies = (["sync", "datasync"] as const).map((name) => {
    const original = handles[name];
    return vi.spyOn(handles, name).mockImplementation(function (this: FileHandle) {
      const path = readlinkSync(`/proc/self/fd/${this.fd}`);
      paths.push(exists === undefined ? path : `${path} ${existsSync(exists) ? "after" : "before"}`);
      return original.call(this);
    });
  });
  const end = () => {
    for (const spy of spies) spy.mockRestore();
  };
  return { paths, end };
}
