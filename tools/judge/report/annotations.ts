import { failuresOf, type Report } from "./report.ts";

/**
 * Lines on standard output that GitHub Actions shows at the changed line: one for each failure.
 * Source: "Workflow commands for GitHub Actions", setting an error message.
 */
export function toAnnotations(report: Report): string[] {
  return failuresOf(report).map(({ rule, environment, resource, location, problem, remedy }) => {
    const place = location ?? { file: "index.ts", line: 1 };
    const properties = {
      file: place.file,
      line: String(place.line),
      title: [rule, environment, resource?.name].filter(Boolean).join(" · "),
    };
    const fields = Object.entries(properties).map(([name, value]) => `${name}=${escapeProperty(value)}`);
    return `::error ${fields.join(",")}::${escapeData(`${problem}\nRemedy: ${remedy}`)}`;
  });
}

/** The runner decodes these three in a message. Source: actions/toolkit, packages/core/src/command.ts. */
const escapeData = (text: string): string =>
  text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");

/** A property ends at a comma, and the properties end at two colons. */
const escapeProperty = (text: string): string =>
  escapeData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
