import { z } from "zod";
import { doctorReport } from "./report.ts";

/** The JSON Schema of the doctor's report, as text: docs/reference/doctor.schema.json. */
export function renderReportSchema(): string {
  const { $schema, ...schema } = z.toJSONSchema(doctorReport, { target: "draft-2020-12" });
  return `${JSON.stringify({ $schema, title: "terminals doctor --json", ...schema }, null, 2)}\n`;
}
