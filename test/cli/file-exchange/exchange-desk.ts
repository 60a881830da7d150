import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import type { Fleet } from "../../../cli/azure/fleet.ts";
import { mintDeviceKeys } from "../../../cli/credentials/device-keys.ts";
import type { OperatorError } from "../../../cli/lib/operator-error.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { report } from "../device.ts";

let terminalCount = 0;

/** SHA-256 in base64. */
export const hashOf = (bytes: Buffer) => createHash("sha256").update(bytes).digest("base64");

/** The error of work that must fail. */
export async function failureOf(work: Promise<unknown>): Promise<OperatorError> {
  try {
    await work;
  } catch (error) {
    return error as OperatorError;
  }
  throw new Error("The work succeeded but was expected to fail.");
}

/** One onboarded terminal, and a folder on the operator's computer. */
export class ExchangeDesk implements AsyncDisposable {
  readonly terminal: string;
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
    const id = `exchange-${terminalCount++}`;
    const tags = { customer: "example", site: "A" };
    await operator.registry.create([{ id, keys: mintDeviceKeys(), tags }]);
    await operator.files.ensureContainer(id);
    return new ExchangeDesk(operator, id, await temporaryFolder());
  }

  /** Writes a file of the operator and returns its path. */
  writeFile(content: Buffer | string, name = "employees.csv"): string {
    writeFileSync(this.file(name), content);
    return this.file(name);
  }

  /** Acknowledges an offer as the terminal does. */
  acknowledge(id: string, acknowledgement: object): Promise<void> {
    const files = { [id]: { ...acknowledgement, at: new Date().toISOString() } };
    return report(this.operator, this.terminal, { files });
  }

  /** Lists the terminal's blobs, with those of unfinished uploads. */
  async listBlobs(): Promise<string[]> {
    const container = await this.operator.files.containerClient(this.terminal);
    const names: string[] = [];
    for await (const { name } of container.listBlobsFlat({ includeUncommitedBlobs: true })) names.push(name);
    return names;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
