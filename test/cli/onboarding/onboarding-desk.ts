import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { generateIdentity, identityToRecipient } from "age-encryption";
import pMap from "p-map";
import { expect } from "vitest";
import type { Fleet } from "../../../cli/azure/fleet.ts";
import { signInWith } from "../../../cli/azure/sign-in.ts";
import type { StackOutputs } from "../../../cli/azure/stack-outputs.ts";
import type { CredentialBundle } from "../../../cli/credentials/credential-bundle.ts";
import { unseal } from "../../../cli/credentials/seal.ts";
import { sha256Base64 } from "../../../cli/lib/sha256.ts";
import { type TemporaryFolder, temporaryFolder } from "../../support/folder.ts";
import { type DeployedFleet, deployFleet, type FleetOptions } from "../fleet-harness.ts";
import { type CliOptions, type CliResult, runCli, runInProcess } from "../run-cli.ts";

/** Checks many terminals, eight at a time; see `Desk.expectOnboarded`. */
export async function expectAllOnboarded(
  operator: Fleet,
  terminals: Iterable<[string, Desk]>,
): Promise<void> {
  await pMap(terminals, ([terminal, desk]) => desk.expectOnboarded(operator, terminal), { concurrency: 8 });
}

/** The text of a batch file with `count` terminals, PREFIX-0, PREFIX-1 and so on, at two sites. */
export function batchOf(prefix: string, count: number, customer = "example-customer"): string {
  const rows = Array.from(
    { length: count },
    (_, number) => `${prefix}-${number};Site ${number % 2};${customer}`,
  );
  return ["terminal;site;customer", ...rows, ""].join("\n");
}

/** One operator's computer: a batch, the folder of credential bundles, the stack's outputs, and an age identity. */
export class Desk {
  readonly batch: string;
  readonly out: string;
  readonly outputs: string;
  private readonly fleet: DeployedFleet;
  private readonly identity: string;
  /** The age recipient that credential bundles are sealed for. */
  readonly recipient: string;

  private constructor(fleet: DeployedFleet, path: string, identity: string, recipient: string) {
    this.fleet = fleet;
    this.batch = join(path, "batch.csv");
    this.out = join(path, "out");
    this.outputs = join(path, "outputs.json");
    this.identity = identity;
    this.recipient = recipient;
  }

  /** @param outputs The stack's outputs; default those of the fleet. */
  static async at(
    fleet: DeployedFleet,
    path: string,
    batch: string,
    outputs: StackOutputs = fleet.outputs,
  ): Promise<Desk> {
    const identity = await generateIdentity();
    const desk = new Desk(fleet, path, identity, await identityToRecipient(identity));
    writeFileSync(desk.batch, batch);
    writeFileSync(desk.outputs, JSON.stringify(outputs));
    return desk;
  }

  /** Onboards the batch, in a process of its own if there are options for it, else in the process of the test. */
  onboard(more: string[] = [], options?: CliOptions): Promise<CliResult> {
    const stack = ["--outputs", this.outputs, "--out", this.out, "--recipient", this.recipient];
    const args = ["onboard", this.batch, ...stack, "--yes", ...more];
    return options ? this.run(args, options) : this.runInProcess(args);
  }

  /** Writes the age identity that opens the bundles to a file and returns its path. */
  writeIdentity(): string {
    const path = join(dirname(this.batch), "key.txt");
    writeFileSync(path, `${this.identity}\n`, { mode: 0o600 });
    return path;
  }

  /** Runs a command on the fleet, in a process of its own. */
  run(args: string[], options: CliOptions = {}): Promise<CliResult> {
    return runCli(args, { env: this.fleet.env, ...options });
  }

  /** Runs a command on the fleet, in the process of the test: see `runInProcess`. */
  runInProcess(args: string[], options: Parameters<typeof runInProcess>[1] = {}): Promise<CliResult> {
    const { network, env } = this.fleet;
    const azure = { network, signIn: () => signInWith(this.fleet.credential()) };
    return runInProcess(args, { azure, env: { XDG_DATA_HOME: env.XDG_DATA_HOME ?? "" }, ...options });
  }

  open(terminal: string): Promise<CredentialBundle> {
    return this.openIn(this.out, terminal);
  }

  /** Opens a terminal's credential bundle in another folder than the one of `onboard`. */
  openIn(folder: string, terminal: string): Promise<CredentialBundle> {
    return unseal(readFileSync(join(folder, `${terminal}.age`)), { identities: [this.identity] });
  }

  /** Expects that all keys in a terminal's credential bundle work at their access path. */
  async expectOnboarded(operator: Fleet, terminal: string): Promise<CredentialBundle> {
    const bundle = await this.open(terminal);
    expect(bundle.terminalId).toBe(terminal);
    const device = await operator.registry.get(terminal);
    expect(device).toMatchObject({ status: "enabled" });
    expect(bundle.hub.primaryKey).toBe(device?.authentication.symmetricKey.primaryKey);
    const { customer, site } = bundle;
    expect(await operator.registry.tags(terminal)).toMatchObject({ customer, site });
    const currentKeySha256 = sha256Base64(bundle.flow.terminalKey);
    const row = await operator.flowKeys.get(customer, terminal);
    expect(row).toMatchObject({ currentKeySha256, status: "active", site });
    expect(bundle.flow.sharedKey).toBe(await operator.customers.cachedSubscriptionKey(customer));
    expect(await operator.files.acceptsLinks(terminal)).toBe(true);
    return bundle;
  }
}

/** A fleet, an operator's connection to it, and the operator's desk with its folder. */
export interface DeskFleet {
  fleet: DeployedFleet;
  operator: Fleet;
  folder: TemporaryFolder;
  desk: Desk;
  close(): Promise<void>;
}

/** Starts a fleet with an operator and a desk. @param batch Text of the batch file. */
export async function fleetWithDesk(batch: string, options: FleetOptions = {}): Promise<DeskFleet> {
  await using started = new AsyncDisposableStack();
  const fleet = started.use(await deployFleet(options));
  const folder = started.use(await temporaryFolder());
  const desk = await Desk.at(fleet, folder.path, batch);
  const operator = await fleet.connect();
  const resources = started.move();
  return { fleet, operator, folder, desk, close: () => resources.disposeAsync() };
}

/** Starts a fleet with `count` terminals that were onboarded from one desk. */
export async function onboardedFleet(
  prefix: string,
  count: number,
  options: FleetOptions = {},
): Promise<DeskFleet> {
  const started = await fleetWithDesk(batchOf(prefix, count), options);
  try {
    const { code, stderr } = await started.desk.onboard();
    expect(code, stderr).toBe(0);
    return started;
  } catch (error) {
    await started.close();
    throw error;
  }
}
