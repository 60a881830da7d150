import type { Sandbox } from "../core/sandbox.ts";
import { matchResource } from "../resource-manager/match-resource.ts";

const audience = "https://management.azure.com";

/** Writes resources as the deployer over the REST API of Azure Resource Manager, without a network. */
export class SeedClient {
  private readonly sandbox: Sandbox;
  private readonly token: string;

  private constructor(sandbox: Sandbox, token: string) {
    this.sandbox = sandbox;
    this.token = token;
  }

  static async signIn(sandbox: Sandbox): Promise<SeedClient> {
    const { token } = await sandbox.azure.tokens.issue(sandbox.principals.deployer, audience);
    return new SeedClient(sandbox, token);
  }

  /** @returns Azure's error, or undefined when the resource was written. */
  async put(id: string, body: object): Promise<string | undefined> {
    const path = id.split("/").map(encodeURIComponent).join("/");
    const { apiVersion } = matchResource(id).type;
    const request = new Request(`${audience}${path}?api-version=${apiVersion}`, {
      method: "PUT",
      headers: { authorization: `Bearer ${this.token}`, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    const response = await this.sandbox.resourceManager.fetch(request);
    if (response.ok) return undefined;
    const { error } = (await response.json()) as { error: { code: string; message: string } };
    return `${error.code}: ${error.message}`;
  }
}
