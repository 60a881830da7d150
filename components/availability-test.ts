import { Component } from "@pulumi/azure-native/applicationinsights/component.js";
import { WebTest } from "@pulumi/azure-native/applicationinsights/webTest.js";
import * as pulumi from "@pulumi/pulumi";

/** Arguments of {@link AvailabilityTest}. */
export interface AvailabilityTestArgs {
  /** Name of the resource group of the test. */
  resourceGroupName: pulumi.Input<string>;
  /** Region of the results. */
  location: "westeurope";
  /** Name of the Application Insights component that receives the results: 1 to 260 characters. */
  componentName: pulumi.Input<string>;
  /** Name of the test: 1 to 260 characters. */
  testName: pulumi.Input<string>;
  /** Resource ID of the Log Analytics workspace that stores the results. */
  workspaceId: pulumi.Input<string>;
  /** URL of the API, for example https://NAME.azure-api.net/flow */
  url: pulumi.Input<string>;
  /** Tags of both resources: at most 49. */
  tags: Record<string, string>;
}

/** Locations of the test agents in Europe. Microsoft recommends five. Source: azure-monitor/app/availability-overview. */
const locations = [
  "emea-nl-ams-azr",
  "emea-gb-db3-azr",
  "emea-ru-msa-edge",
  "emea-se-sto-edge",
  "emea-fr-pra-edge",
];

/** Seconds between two calls from one location. */
const frequencySeconds = 300;

/** Calls that all locations make in 15 minutes, with one more of each for a shifted start. */
export const testCallsPerWindow = locations.length * ((15 * 60) / frequencySeconds + 1);

/** What the test sends below the URL of the API, and what it expects. */
export const availabilityRequest = {
  method: "GET",
  path: "/health",
  status: 401,
  text: "unknown terminal or key",
} as const;

/**
 * Calls the gateway from the internet. The call has no key, because a test's settings are no place for a secret: the gateway
 * answers 401 only if its name, its certificate, its policy and the key table work, because it looks up a row before each
 * refusal, and 503 when the table fails. The alert on 503 and 504 shows a Flow API that fails.
 *
 * @example
 * new AvailabilityTest("availability", {
 *   resourceGroupName: "rg-terminals-dev",
 *   location: "westeurope",
 *   componentName: "appi-terminals-dev",
 *   testName: "webtest-flow-dev",
 *   workspaceId: workspace.id,
 *   url: ingress.url,
 *   tags: { owner: "terminal-operations" },
 * });
 */
export class AvailabilityTest extends pulumi.ComponentResource {
  /** Resource ID of the Application Insights component. */
  readonly componentId: pulumi.Output<string>;
  /** Resource ID of the test. */
  readonly testId: pulumi.Output<string>;

  constructor(name: string, args: AvailabilityTestArgs, opts?: pulumi.ComponentResourceOptions) {
    super("terminal-fleet:components:AvailabilityTest", name, {}, opts);
    const parent = { parent: this };
    const results = resultsComponent(name, args, parent);
    const test = webTest(name, args, results.id, parent);
    this.componentId = results.id;
    this.testId = test.id;
    this.registerOutputs({});
  }
}

function resultsComponent(
  name: string,
  args: AvailabilityTestArgs,
  opts: pulumi.CustomResourceOptions,
): Component {
  return new Component(
    `${name}-results`,
    {
      resourceGroupName: args.resourceGroupName,
      resourceName: args.componentName,
      location: args.location,
      kind: "web",
      applicationType: "web",
      ingestionMode: "LogAnalytics",
      workspaceResourceId: args.workspaceId,
      publicNetworkAccessForIngestion: "Enabled",
      publicNetworkAccessForQuery: "Enabled",
      // Not disableLocalAuth: Azure does not document whether the agents can then store their results.
      tags: args.tags,
    },
    opts,
  );
}

function webTest(
  name: string,
  args: AvailabilityTestArgs,
  componentId: pulumi.Output<string>,
  opts: pulumi.CustomResourceOptions,
): WebTest {
  return new WebTest(
    `${name}-test`,
    {
      resourceGroupName: args.resourceGroupName,
      webTestName: args.testName,
      syntheticMonitorId: args.testName,
      location: args.location,
      webTestKind: "standard",
      kind: "standard",
      description:
        "Calls the gateway of the Flow API without keys, and expects the 401 of a refused terminal.",
      enabled: true,
      frequency: frequencySeconds,
      timeout: 30,
      retryEnabled: true,
      locations: locations.map((location) => ({ location })),
      request: {
        requestUrl: pulumi.interpolate`${args.url}${availabilityRequest.path}`,
        httpVerb: availabilityRequest.method,
        followRedirects: false,
        parseDependentRequests: false,
      },
      validationRules: {
        expectedHttpStatusCode: availabilityRequest.status,
        ignoreHttpStatusCode: false,
        contentValidation: {
          contentMatch: availabilityRequest.text,
          ignoreCase: false,
          passIfTextFound: true,
        },
        sSLCheck: true,
        sSLCertRemainingLifetimeCheck: 7,
      },
      // Azure finds the component of a test by this tag.
      tags: componentId.apply((id) => ({ ...args.tags, [`hidden-link:${id}`]: "Resource" })),
    },
    opts,
  );
}
