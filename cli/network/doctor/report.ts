import { z } from "zod";
import { verdicts } from "./decision-table.ts";

/*
 * The doctor's report, as `--json` writes it, as a terminal sends it, and as docs/reference/doctor.schema.json describes
 * it. It holds no key, no password and no user.
 */

const bilingual = z
  .strictObject({ en: z.string(), no: z.string() })
  .describe("A text for people, in English and in Norwegian (bokmål).");

const measured = z
  .record(
    z
      .string()
      .regex(/^[a-zA-Z]+$/)
      .max(40),
    z.union([z.string().max(400), z.boolean()]),
  )
  .describe("What was measured at this port, by name. The names can become more within a version.");

const attempt = z.strictObject({
  protocol: z.enum(["tcp", "udp"]),
  port: z.int().min(1).max(65_535),
  verdict: z.enum(verdicts).describe("How this port alone is judged."),
  reason: z.string().max(40),
  measured,
});

const result = z.strictObject({
  id: z.string().max(80).describe("The row of the list of destinations."),
  host: z.string().max(253).nullable(),
  service: z.string().max(40),
  region: z.string().max(40).nullable(),
  requirement: z.enum(["required", "optional"]),
  verdict: z.enum(verdicts),
  reason: z.string().max(40).describe("Key of the reason, stable for programs."),
  why: bilingual.describe("Why it was judged so."),
  request: bilingual.nullable().describe("The sentence to send to the people who run the network."),
  attempts: z.array(attempt).min(1).max(10).describe("Each port of the row, in the order of the list."),
});
export type DoctorResult = z.infer<typeof result>;

/** What the results mean together. Each has an exit code. */
export const outcomes = ["ok", "incomplete", "keys-rejected", "blocked"] as const;

/** `npx terminals doctor --json`. Version 1; a reader refuses a version that it does not know. */
export const doctorReport = z
  .strictObject({
    type: z.literal("doctor").optional().describe("Kind of the line in the output of `--json`."),
    version: z.literal(1),
    createdAt: z.iso.datetime().describe("When the run began, by the clock of the computer."),
    program: z.string().max(60).describe('What made the report: "terminals" or "terminal-doctor.ps1".'),
    computer: z.string().max(100).describe("Name of the computer, or terminal ID."),
    environment: z.string().max(60),
    customer: z.string().max(60).optional(),
    listCreatedAt: z.iso.datetime().describe("When the list of destinations was made."),
    proxy: z
      .strictObject({
        source: z.enum(["option", "environment", "pac", "system"]),
        hosts: z.array(z.string().max(260)).describe("host:port of each proxy that was used."),
      })
      .nullable(),
    outcome: z
      .enum(outcomes)
      .describe(
        '"ok": every required destination is reached, or not needed. "incomplete": of a required one nothing can be told. "keys-rejected": the network is in order, and the keys are not accepted. "blocked": a required one fails.',
      ),
    regionsCutOff: z.array(z.string().max(40)),
    counts: z.strictObject({
      passed: z.int().min(0),
      "works-with-remark": z.int().min(0),
      "not-needed": z.int().min(0),
      "could-not-tell": z.int().min(0),
      failed: z.int().min(0),
    }),
    seconds: z.number().min(0).describe("Duration of the run."),
    results: z.array(result).max(500),
  })
  .describe("What `npx terminals doctor` and terminal-doctor.ps1 found out about a network.");
export type DoctorReport = z.infer<typeof doctorReport>;
