/*
 * Types that a rule of their own refuses. resource-type-allowlist does not report them a second time, because its
 * remedy, to add the type to the allowlist, would be wrong for them.
 */

export const staticWebsite = /^azure-native:storage:StorageAccountStaticWebsite$/;
export const objectReplication = /^azure-native:storage:ObjectReplicationPolicy$/;
export const blob = /^azure-native:storage:Blob$/;

/** Types that deploy resources, or run code, that the policy pack cannot check. */
export const indirectDeployments: [type: RegExp, why: string][] = [
  [
    /^azure-native:resources:(Deployment|TemplateSpec)/,
    "the pack cannot check the resources that a template deploys",
  ],
  [/^azure-native:resources:Azure(Cli|PowerShell)Script$/, "the pack cannot check what a script deploys"],
  [/^azure-native:resources:Resource$/, "the pack cannot check the type of a generic resource"],
  [
    /^(pulumi-nodejs|pulumi-python):dynamic|^command:/,
    "the pack cannot check code that runs during a deployment",
  ],
];

/** Whether a rule other than resource-type-allowlist refuses the type. */
export const isRefusedElsewhere = (type: string): boolean =>
  [staticWebsite, objectReplication, blob, ...indirectDeployments.map(([pattern]) => pattern)].some(
    (pattern) => pattern.test(type),
  );
