import type * as pulumi from "@pulumi/pulumi";

const versionedType = /^azure-native:[^/:]+\/v\d{8}(preview)?:/;

/**
 * A transformation that removes the aliases for API versions, such as `azure-native:storage/v20230101:StorageAccount`.
 *
 * The azure-native package gives every resource an alias for each API version of its type, so that a stack which
 * declared a versioned type can change to the unversioned one. Stacks of this program hold unversioned types only: the
 * policy pack allows no other (`policies/allowlists/resource-types.ts`). Its 56 resources had 794 of these aliases, and
 * computing them took a fifth of a preview's time. Aliases without a version stay: they let a resource keep its state
 * when the package moves its type to another module.
 *
 * @example new FileStorage("files", args, { transformations: [omitVersionedAliases] });
 */
export const omitVersionedAliases: pulumi.ResourceTransformation = ({ props, opts }) => {
  const aliases = opts.aliases?.filter(
    (alias) => !(typeof alias === "object" && "type" in alias && versionedType.test(String(alias.type))),
  );
  return { props, opts: { ...opts, aliases } };
};
