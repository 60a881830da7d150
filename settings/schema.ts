import { z } from "zod";
import { ciFederations } from "./ci-federations.ts";
import { flowApiDefinition } from "./flow-api-definition.ts";
import { supportContact } from "./support-contact.ts";
import { tagMap } from "./tags.ts";
import { email, httpsUrl, oneOf, structure, text, unique, wholeNumber, yesOrNo } from "./values.ts";

const anyText = (allowed: string) => text(allowed, /^\S(.*\S)?$/);

/**
 * Every setting of the project: a key of Pulumi.STACK.yaml with the prefix `terminal-fleet:`. dev and prod differ by these
 * values only.
 */
export const settingsSchema = z
  .strictObject({
    /** The environment of the stack: a part of every name, and a tag. */
    environment: oneOf("dev", "prod"),
    /** Region of the IoT Hub, the files and the logs. They are personal data, so West Europe is the only choice. */
    hubRegion: oneOf("westeurope").default("westeurope"),
    /** Region of the Flow API's gateway and of the key table. */
    flowRegion: oneOf("norwayeast").default("norwayeast"),
    /** Whether Pulumi refuses to delete resources that cannot be recreated: names, data, logs, the operators' group. */
    protect: yesOrNo(),

    /** IoT Hub tier. It sets the messages a day and the pace of onboarding. */
    hubSku: oneOf("S1", "S2", "S3"),
    /** Units of that tier. */
    hubUnits: wholeNumber(1, 200, "units").default(1),

    /** Redundancy of the files. Standard_ZRS keeps all copies in West Europe. */
    filesSku: oneOf("Standard_ZRS", "Standard_GZRS").default("Standard_ZRS"),
    /** Why files may be copied to North Europe. Required with Standard_GZRS, and not allowed without it. */
    filesGeoReplicationReason: text(
      "a reason of 20 to 256 characters, required with filesSku Standard_GZRS and not allowed without it",
      /^(?=.{20,256}$)\S(.*\S)?$/,
    ).optional(),
    /** Days in which Azure can restore a deleted file. */
    fileRecoveryDays: wholeNumber(1, 30, "days").default(7),

    /** API Management tier in front of the Flow API. */
    flowSku: oneOf("BasicV2", "StandardV2"),
    /** Units of that tier. */
    flowUnits: wholeNumber(1, 10, "units").default(1),
    /** URL of the Flow API, without a slash at its end. */
    flowApiUrl: httpsUrl(),
    /** Application ID URI of the Flow API in Entra ID. The gateway's managed identity requests its tokens for it. */
    flowApiAudience: text(
      "an application ID URI such as api://CLIENT-ID",
      /^(api|https):\/\/[A-Za-z0-9][A-Za-z0-9._/-]*$/,
    ),
    /** OpenAPI document of the Flow API. Terminals can call its operations only. Default: flow-api.openapi.json. */
    flowApiDefinition: flowApiDefinition(),
    /** Calls a minute to the Flow API that one terminal may make. */
    flowCallsPerMinute: wholeNumber(1, 6000, "calls a minute").default(120),
    /** Name of the publisher in API Management. */
    publisherName: anyText("a name").pipe(z.string().max(100, { error: "a name of up to 100 characters" })),
    /** E-mail address that receives the notifications of API Management. */
    publisherEmail: email(),

    /** Name of the Entra ID group of the operators, which the program creates. */
    operatorsGroup: text("a group name of up to 120 characters", /^(?=.{1,120}$)\S(.*\S)?$/),
    /** Pipelines that may sign in as the operators' application without a secret. */
    ciFederations: ciFederations().default([]),

    /** Days in which an audit record can be neither changed nor deleted while the immutability policy exists. */
    auditRetentionDays: wholeNumber(30, 3650, "days").default(365),
    /** Days that logs are kept. */
    logRetentionDays: wholeNumber(30, 730, "days").default(90),
    /** E-mail addresses that receive the alerts. */
    alertEmails: structure(
      // They are the names of the receivers in the action group. Azure rejects equal names, ignoring case.
      unique(
        z
          .array(email(), { error: "a list of e-mail addresses" })
          .min(1, { error: "at least one e-mail address" }),
        (address) => (typeof address === "string" ? address.toLowerCase() : undefined),
        "each address once, whether in upper or lower case",
      ),
      "a list of e-mail addresses",
    ),

    /** Who answers a customer's IT people. The customer's sheet names it. Default: the sheet names no contact. */
    supportContact: supportContact().optional(),

    /** Tags of every resource, in addition to the tags of the program. */
    tags: tagMap(),
  })
  // Limits of Azure: 200 units in S1 and S2, 10 in S3.
  .refine(({ hubSku, hubUnits }) => !(hubSku === "S3" && hubUnits > 10), {
    path: ["hubUnits"],
    error: "units, a whole number from 1 to 10 with hubSku S3",
    when: () => true,
  })
  .refine(
    ({ filesSku, filesGeoReplicationReason }) =>
      (filesSku === "Standard_GZRS") === (filesGeoReplicationReason !== undefined),
    {
      path: ["filesGeoReplicationReason"],
      error:
        "a reason of 20 to 256 characters, required with filesSku Standard_GZRS and not allowed without it",
      when: () => true,
    },
  );

/** The valid settings of a stack, with defaults. */
export type Settings = z.infer<typeof settingsSchema>;
