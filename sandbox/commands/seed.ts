import type { Command } from "commander";
import { callControl } from "../daemon/control-client.ts";
import type { SandboxDirectory } from "../daemon/sandbox-directory.ts";
import { readSeedFile } from "../seed/read-seed-file.ts";
import type { SeedResult } from "../seed/seed-result.ts";
import { type CommandContext, printJson } from "./command-context.ts";

/** Adds `azure-sandbox seed`. */
export function addSeedCommand(program: Command, { directory, print }: CommandContext): void {
  program
    .command("seed <file>")
    .description(
      "create the hubs, devices, storage accounts, APIs and roles that a YAML file declares, and change those that exist",
    )
    .option("--json", "print JSON, with the connection strings of the devices: they contain keys")
    .action(async (file: string, { json }: { json?: boolean }) => {
      const result = await seedFrom(file, directory());
      if (json) return printJson(result, print);
      for (const line of describeSeed(result)) print(line);
    });
}

/** Applies a seed file to a running sandbox. @throws With the line and the remedy. */
export function seedFrom(file: string, directory: SandboxDirectory): Promise<SeedResult> {
  const text = readSeedFile(file);
  return callControl<SeedResult>(directory.socket(), "POST", "/seed", { text, file });
}

/** Lines for people, without keys. */
export function describeSeed({ resourceGroup, hubs, accounts, apis, roles }: SeedResult): string[] {
  const devices = (list: SeedResult["hubs"][number]["devices"]) => {
    const disabled = list.filter(({ status }) => status === "disabled").length;
    const total = list.length === 1 ? "1 device" : `${list.length} devices`;
    return disabled === 0 ? total : `${total}, of which ${disabled} disabled`;
  };
  return [
    `resource group  ${resourceGroup}`,
    ...hubs.map((hub) => `hub             ${hub.host}  (${devices(hub.devices)})`),
    ...accounts.flatMap(({ blobUrl, tableUrl, containers, tables }) => [
      ...(containers.length > 0 || tables.length === 0
        ? [`account         ${blobUrl}  (containers: ${containers.join(", ") || "none"})`]
        : []),
      ...(tables.length > 0 ? [`account         ${tableUrl}  (tables: ${tables.join(", ")})`] : []),
    ]),
    ...apis.map(({ url }) => `API             ${url}`),
    ...roles.map(({ role, to, scope }) => `role            ${role} for ${to} on ${scope.split("/").at(-1)}`),
  ];
}
