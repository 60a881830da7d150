import { z } from "zod";
import { ciFederations } from "./ci-federations.ts";
import { tagMap } from "./tags.ts";
import { email, httpsUrl, noneTwice, oneOf, structure, text, wholeNumber, yesOrNo } from "./values.ts";

const anyText = (allowed: string) => text(allowed, /^\S(.*\S)?$/);

/**
 * Every setting of the project, as it stands in Pulumi.STACK.yaml under `terminal-fleet:`.
 * dev and prod differ by these values alone.
 */
export const settingsSchema = z
  .strictObject({
    /** Which environment the stack is; part of every name and tag. */
    environment: oneOf("dev", "prod"),
    /** Region of the IoT Hub, the files and the logs. Personal data stays there, so there is one choice. */
    hubRegion: oneOf("westeurope").default("westeurope"),
    /** Region of the Flow API's gateway and of its table of key hashes. */
    flowRegion: oneOf("norwayeast").default("norwayeast"),
    /** Whether Pulumi refuses to delete what cannot be made again: names, data, logs, the operators' group. */
    protect: yesOrNo(),

    /** IoT Hub tier; it sets the daily messages and the pace of onboarding. */
    hubSku: oneOf("S1", "S2", "S3"),
    /** Units of that tier. */
    hubUnits: wholeNumber(1, 200, "units").default(1),

    /** Redundancy of the files. Standard_ZRS keeps them in West Europe. */
    filesSku: oneOf("Standard_ZRS", "Standard_GZRS").default("Standard_ZRS"),
    /** Why files may be copied to North Europe; needed with Standard_GZRS and refused without it. */
    filesGeoReplicationReason: text(
      "a reason of 20 to 256 characters, with filesSku Standard_GZRS only",
      /^(?=.{20,256}$)\S(.*\S)?$/,
    ).optional(),
    /** Days in which a deleted file can still be brought back; after them it is gone. */
    fileRecoveryDays: wholeNumber(1, 30, "days").default(7),

    /** API Management tier in front of the Flow API. */
    flowSku: oneOf("BasicV2", "StandardV2"),
    /** Units of that tier. */
    flowUnits: wholeNumber(1, 10, "units").default(1),
    /** Where the Flow API is. */
    flowApiUrl: httpsUrl(),
    /** Application ID URI of the Flow API in Entra ID: the gateway signs in to it as itself. */
    flowApiAudience: text(
      "an application ID URI such as api://flow-dev",
      /^(api|https):\/\/[A-Za-z0-9][A-Za-z0-9._/-]*$/,
    ),
    /** Calls a minute that one terminal may make to the Flow API. */
    flowCallsPerMinute: wholeNumber(1, 6000, "calls a minute").default(120),
    /** Name that API Management shows as the publisher. */
    publisherName: anyText("a name").pipe(z.string().max(100, { error: "a name of up to 100 characters" })),
    /** Address to which API Management sends its notices. */
    publisherEmail: email(),

    /** Name of the Entra ID group that is made for the people who operate the fleet. */
    operatorsGroup: text("a group's name of up to 120 characters", /^(?=.{1,120}$)\S(.*\S)?$/),
    /** Pipelines that may sign in as the operators' application, without a secret. */
    ciFederations: ciFederations().default([]),

    /** Days for which the audit log keeps the record of a change, from everybody while its policy is in place. */
    auditRetentionDays: wholeNumber(30, 3650, "days").default(365),
    /** Days for which logs are kept. */
    logRetentionDays: wholeNumber(30, 730, "days").default(90),
    /** Who is told when an alert fires. */
    alertEmails: structure(
      // Azure names the receivers of an action group by them, and takes no name twice in any case of letters.
      noneTwice(
        z
          .array(email(), { error: "a list of e-mail addresses" })
          .min(1, { error: "at least one e-mail address" }),
        (address) => (typeof address === "string" ? address.toLowerCase() : undefined),
        "each address once, whether in upper or lower case",
      ),
      "a list of e-mail addresses",
    ),

    /** Tags of every resource, beside those that the program gives. */
    tags: tagMap(),
  })
  // Azure: Standard IoT hubs scale to 200 units in S1 and S2, and to 10 in S3.
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
      error: "a reason of 20 to 256 characters, with filesSku Standard_GZRS and only with it",
      when: () => true,
    },
  );

/** The settings of a stack, checked and with defaults filled in. */
export type Settings = z.infer<typeof settingsSchema>;
