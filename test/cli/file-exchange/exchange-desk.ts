import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import type { Fleet } from "../../../cli/azure/fleet.ts";
import type { OperatorError } from "../../../cli/lib/errors.ts";
import { mintDeviceKeys } from "../../../cli/onboarding/identities.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { report } from "../device.ts";

let made = 0;

/** Base64 of SHA-256. */
export const hashOf = (bytes: Buffer) => createHash("sha256").update(bytes).digest("base64");

/** What some work is refused with. */
export async function failure(work: Promise<unknown>): Promise<OperatorError> {
  try {
    await work;
  } catch (error) {
    return error as OperatorError;
  }
  throw new Error("It was expected to fail.");
}

/** One terminal that files go to and come from, and a folder on the operator's computer. */
export class ExchangeDesk implements AsyncDisposable {
  readonly terminal: string;
  /** On the operator's computer. */
  readonly folder: string;
  readonly file: (name: string) => string;
  private readonly operator: Fleet;
  private readonly close: () => Promise<void>;

  private constructor(
    operator: Fleet,
    terminal: string,
    folder: Awaited<ReturnType<typeof temporaryFolder>>,
  ) {
    this.operator = operator;
    this.terminal = terminal;
    this.folder = folder.path;
    this.file = folder.file;
    this.close = () => Promise.resolve(folder[Symbol.asyncDispose]());
  }

  static async open(operator: Fleet): Promise<ExchangeDesk> {
    const id = `exchange-${made++}`;
    const tags = { customer: "example", site: "A" };
    await operator.registry.create([{ id, keys: mintDeviceKeys(), tags }]);
    await operator.files.ensureContainer(id);
    return new ExchangeDesk(operator, id, await temporaryFolder());
  }

  /** A file of the operator's; returns its path. */
  fileOf(content: Buffer | string, name = "employees.csv"): string {
    writeFileSync(this.file(name), content);
    return this.file(name);
  }

  /** What the terminal says of an offer. */
  says(id: string, said: object): Promise<void> {
    const files = { [id]: { ...said, at: new Date().toISOString() } };
    return report(this.operator, this.terminal, { files });
  }

  /** The names of the terminal's blobs, those of unfinished uploads too. */
  async blobs(): Promise<string[]> {
    const container = await this.operator.files.containerClient(this.terminal);
    const names: string[] = [];
    for await (const { name } of container.listBlobsFlat({ includeUncommitedBlobs: true })) names.push(name);
    return names;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
