/*
 * Everyone and everything outside the stack that the program may name: who may sign in as the operators' application,
 * which host the gateway calls, who is told, and the hosts in outputs. All names are examples: put your own here and in
 * Pulumi.STACK.yaml. A change of this file needs the approval of a second team.
 */

/** The pipelines of one repository. */
export interface PipelineIssuer {
  /** Issuer of the tokens, exactly as in them. */
  issuer: string;
  /** Repositories as OWNER/NAME. */
  repositories: string[];
}

/** Only jobs of the environment that has the stack's name may sign in: its approval protects them. */
export const pipelines: PipelineIssuer[] = [
  {
    issuer: "https://token.actions.githubusercontent.com",
    repositories: ["example-org/terminal-fleet"],
  },
];

/** The subjects that a federated credential of a stack may have. Source: GitHub, "OpenID Connect reference". */
export const pipelineSubjects = (issuer: unknown, stack: string): string[] =>
  pipelines
    .filter((pipeline) => pipeline.issuer === issuer)
    .flatMap(({ repositories }) => repositories)
    .map((repository) => `repo:${repository}:environment:${stack}`);

/** By stack: the host of the Flow API, and the application that the gateway gets its tokens for. */
export const flowApis: Record<string, { host: string; audience: string }> = {
  dev: { host: "flow-dev.example.com", audience: "api://11111111-2222-3333-4444-555555555555" },
  prod: { host: "flow.example.com", audience: "api://66666666-7777-8888-9999-000000000000" },
};

/** Domains of the addresses that receive alerts and notifications. */
export const mailDomains = ["example.com"];

/** Whether a value is an address of one of these domains. */
export const isOwnAddress = (value: unknown): boolean =>
  typeof value === "string" &&
  /^[^\s@]+@[^\s@]+$/.test(value) &&
  mailDomains.includes(value.split("@")[1]!.toLowerCase());

/** Suffixes of the hosts of Azure's services that outputs may name. The name before it is one of the stack's own. */
export const azureHostSuffixes = [
  ".azure-devices.net",
  ".blob.core.windows.net",
  ".table.core.windows.net",
  ".azure-api.net",
];
