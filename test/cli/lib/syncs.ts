import { existsSync, readlinkSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { vi } from "vitest";

/** On Linux it can be seen what is synced. */
export const canSeeSyncs = process.platform === "linux";

/**
 * Watches what this process makes survive power cuts: paths of files and folders, in order. Syncing works as ever.
 * @param exists Written behind a folder's path as it is synced: whether this path is there by then.
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
