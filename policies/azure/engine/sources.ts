/** Where a rule comes from. */
export interface Source {
  /** The identifier under which others know the rule, such as AZR-000200 or CKV_AZURE_44. */
  id: string;
  url: string;
}

/** A rule of PSRule for Azure, by its reference number and its name. */
export const psRule = (id: `AZR-${string}`, name: `Azure.${string}`): Source => ({
  id,
  url: `https://azure.github.io/PSRule.Rules.Azure/en/rules/${name}/`,
});

/** A rule of PSRule for Azure that is known by its name. */
export const psRuleByName = (name: `Azure.${string}`): Source => ({
  id: name,
  url: `https://azure.github.io/PSRule.Rules.Azure/en/rules/${name}/`,
});

/** A check of checkov. Its index of Terraform policies is the one page that lists every identifier. */
export const checkov = (id: `CKV${string}_AZURE_${number}`): Source => ({
  id,
  url: "https://www.checkov.io/5.Policy%20Index/terraform.html",
});

/** A built-in definition of Azure Policy, by its GUID. The identifier is its first group. */
export const azurePolicy = (guid: string): Source => ({
  id: `Azure Policy ${guid.split("-")[0]}`,
  url: `https://www.azadvertizer.net/azpolicyadvertizer/${guid}.html`,
});

/** The defaults of a module of Azure Verified Modules, such as storage/storage-account. */
export const verifiedModule = (module: string): Source => ({
  id: "Azure Verified Modules",
  url: `https://github.com/Azure/bicep-registry-modules/tree/main/avm/res/${module}`,
});

/** A page of Microsoft Learn that documents the behaviour on which a rule relies. */
export const microsoftLearn = (title: string, path: string): Source => ({
  id: `Microsoft Learn: ${title}`,
  url: `https://learn.microsoft.com/${path}`,
});

/** A page of Pulumi's documentation. */
export const pulumiDocs = (title: string, path: string): Source => ({
  id: `Pulumi: ${title}`,
  url: `https://www.pulumi.com/docs/${path}/`,
});
