import { expect, test } from "vitest";
import { errorLines, readChanged } from "./changed-settings.ts";

/* Settings that Azure or Entra ID would reject in the middle of a deployment, or would interpret in another way. */

test.each([
  " https://flow.example.com",
  "https://flow.example.com\n",
  "https://flow.example.com/a b",
  "https:flow.example.com",
  "https:/flow.example.com",
  "https:///flow.example.com",
  "https:\\\\flow.example.com",
  "https://flow.example.com\\api",
  "https://flow.example.com/?",
  "https://flow.example.com/#",
  "https://somebody@flow.example.com",
  "https://Flow.example.com",
  "https://flow.example.com:443/api",
  "https://flow.example.com/api/../other",
  "HTTPS://flow.example.com",
])("a URL that a parser would change is rejected: %j", (url) => {
  expect(errorLines({ flowApiUrl: url })).toEqual([
    `terminal-fleet:flowApiUrl is ${JSON.stringify(url)}; allowed: an https URL in its normal form, such as https://flow.example.com/api`,
  ]);
});

const federations = (...some: object[]) => JSON.stringify(some);
const pipeline = (changes: object = {}) => ({
  name: "pipeline",
  issuer: "https://token.example.com",
  subject: "repo:example",
  ...changes,
});

test("an issuer stays unchanged, because Entra ID compares every character", () => {
  const issuers = ["https://sts.example.com/tenant/", "https://sts.example.com/tenant"];
  const pipelines = issuers.map((issuer, index) => pipeline({ name: `pipeline-${index}`, issuer }));
  expect(
    readChanged({ ciFederations: federations(...pipelines) }).ciFederations.map(({ issuer }) => issuer),
  ).toEqual(issuers);
});

test("every setting that Azure would reject in the middle of a deployment is reported before it, with its key", () => {
  const line = (where: string, value: unknown, allowed: string) =>
    `terminal-fleet:${where} is ${JSON.stringify(value)}; allowed: ${allowed}`;
  const twice = federations(
    pipeline(),
    pipeline({ name: "Pipeline" }),
    pipeline({ name: "third", subject: "s".repeat(601) }),
    pipeline({ name: "fourth", issuer: `https://token.example.com/${"i".repeat(600)}` }),
  );
  const twentyOne = Array.from({ length: 21 }, (_, n) => pipeline({ name: `no-${n}`, subject: `${n}` }));
  const tags = {
    owner: "x",
    Owner: "y",
    costCentre: "1",
    environment: "test",
    Application: "z",
    holds: "files",
    georeplicationreason: "none",
    microsoftTeam: "a",
    "Azure-team": "b",
    windowsTeam: "c",
    team: "",
  };
  const reason = " ".repeat(30);
  const programTags =
    "tag names other than environment, application, holds, geoReplicationReason, which the program sets";
  const prefix = "tag names that do not begin with microsoft, azure or windows";
  const found = errorLines({
    alertEmails: '["duty@example.com","nobody","Duty@example.com"]',
    ciFederations: twice,
    filesSku: "Standard_GZRS",
    filesGeoReplicationReason: reason,
    tags: JSON.stringify(tags),
  });
  const expected = [
    line("alertEmails.1", "nobody", "an e-mail address such as operations@example.com"),
    line("alertEmails.2", "Duty@example.com", "each address once, whether in upper or lower case"),
    line("ciFederations.1.name", "Pipeline", "each name once, whether in upper or lower case"),
    line("ciFederations.1.subject", "repo:example", "each pair of issuer and subject once"),
    expect.stringContaining("ciFederations.2.subject"),
    expect.stringContaining("ciFederations.3.issuer"),
    line(
      "filesGeoReplicationReason",
      reason,
      "a reason of 20 to 256 characters, required with filesSku Standard_GZRS and not allowed without it",
    ),
    line("tags.Owner", "y", "each tag name once, whether in upper or lower case"),
    line("tags.environment", "test", programTags),
    line("tags.Application", "z", programTags),
    line("tags.holds", "files", programTags),
    line("tags.georeplicationreason", "none", programTags),
    line("tags.microsoftTeam", "a", prefix),
    line("tags.Azure-team", "b", prefix),
    line("tags.windowsTeam", "c", prefix),
    line("tags.team", "", "text of up to 256 characters"),
  ];
  expect(found).toEqual(expect.arrayContaining(expected));
  expect(found).toHaveLength(expected.length);
  expect(errorLines({ ciFederations: federations(...twentyOne) })).toEqual([
    line("ciFederations.20", twentyOne[20], "at most 20 pipelines, the limit of Entra ID"),
  ]);
  expect(readChanged({ ciFederations: federations(...twentyOne.slice(1)) }).ciFederations).toHaveLength(20);
});

test("11 tags are allowed: a storage account has at most 15, and the program sets four", () => {
  const tags = Object.fromEntries(Array.from({ length: 9 }, (_, number) => [`tag${number}`, "x"]));
  const all = { owner: "x", costCentre: "1", ...tags };
  expect(Object.keys(readChanged({ tags: JSON.stringify(all) }).tags)).toHaveLength(11);
  const tooMany = JSON.stringify({ ...all, tag10: "x" });
  expect(errorLines({ tags: tooMany })).toEqual([
    `terminal-fleet:tags is ${tooMany}; allowed: at most 11 tags`,
  ]);
});
