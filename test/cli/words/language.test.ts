import { afterEach, describe, expect, test } from "vitest";
import { formatBytes, formatDay, formatDuration, formatTime } from "../../../cli/terminal-ui/format.ts";
import { chooseLanguage, useLanguage } from "../../../cli/words/language.ts";
import { count, formatNumber, inEnglish, nameOrder, plural, t } from "../../../cli/words/translate.ts";
import { jsonLines, runInProcess } from "../run-cli.ts";

afterEach(() => useLanguage("en"));

describe("the language of a command line", () => {
  const choose = (argv: string[], variables: Record<string, string> = {}, systemLocale = "en-US") =>
    chooseLanguage(argv, { variables, systemLocale });

  test.each([
    [["status", "--lang", "no"], { LANG: "en_GB.UTF-8" }, "no"],
    [["--lang=en", "status"], { LANG: "nb_NO.UTF-8" }, "en"],
    [["status"], { TERMINALS_LANG: "no", LC_ALL: "en_US.UTF-8" }, "no"],
    [["status"], { LC_ALL: "C", LANG: "nb_NO.UTF-8" }, "en"],
    [["status"], { LC_ALL: "", LC_MESSAGES: "nn_NO.UTF-8", LANG: "en_US.UTF-8" }, "no"],
    [["status"], { LANG: "no_NO" }, "no"],
    [["status"], { LANG: "nob" }, "en"],
    [["send", "--", "--lang", "no"], {}, "en"],
  ])("%j with %j is %s", (argv, variables, expected) => {
    expect(choose(argv, variables)).toBe(expected);
  });

  test("is the system's where no variable names one, as on Windows", () => {
    expect([choose([], {}, "nb-NO"), choose([], {}, "de-DE")]).toEqual(["no", "en"]);
  });

  test("is English with --json: machine data is never translated", async () => {
    const result = await runInProcess(["revoke", "--lang", "no", "--json"]);
    expect(jsonLines(result)).toMatchObject([
      { type: "error", message: "required option '--reason <text>' not specified" },
    ]);
  });
});

describe("with --lang no", () => {
  test("the help of the program and of a command is Norwegian, with commander's words", async () => {
    const program = await runInProcess(["--help", "--lang", "no"]);
    expect(program.stdout).toMatch(/^Bruk: terminals \[valg\] \[kommando\]\n\nRegistrerer/);
    expect(program.stdout).toContain("Sluttkoder: 0 alt er gjort;");
    const command = await runInProcess(["--lang", "no", "onboard", "--help"]);
    expect(command.stdout).toContain("Felles valg:");
    expect(command.stdout).not.toMatch(/\b(Options|default|choices):/);
  });

  test.each([
    [["statu"], "Feil: ukjent kommando 'statu'\n(Mente du status?)\n"],
    [["status", "--speed"], "Feil: ukjent valg '--speed'\n"],
    [["reinstate"], "Feil: argumentet 'terminal' mangler\n"],
    [["status", "--customer"], "Feil: valget '--customer <id>' mangler en verdi\n"],
    [["revoke"], "Feil: valget '--reason <text>' er påkrevd, men ikke oppgitt\n"],
    [
      ["status", "--stack", "dev", "--outputs", "o.json"],
      "Feil: valget '--outputs <file>' kan ikke brukes sammen med valget '--stack <name>'\n",
    ],
    [["list", "x"], "Feil: for mange argumenter til 'list'. Ventet 0, fikk 1.\n"],
    [
      ["onboard", "a", "--import", "x"],
      "Feil: valget '--import <when>' har den ugyldige verdien 'x'. Mulige verdier er auto, always, never.\n",
    ],
  ])("commander's error for %j is Norwegian", async (argv, expected) => {
    const { code, stderr } = await runInProcess([...argv, "--lang", "no"]);
    expect([code, stderr]).toEqual([2, `${expected}Legg til --help for å se valg og eksempler.\n`]);
  });
});

describe("numbers, times and names", () => {
  const files = (number: number) =>
    plural(number, { one: t`${number} failed`, other: t`${count(number, "file")} failed` });
  const time = "2026-09-30T22:46:00Z";

  test("are English in English", () => {
    expect([0, 1, 2].map((number) => count(number, "terminal"))).toEqual([
      ...["0 terminals", "1 terminal", "2 terminals"],
    ]);
    expect([files(1), files(2)]).toEqual(["1 failed", "2 files failed"]);
    expect([formatBytes(4_200_000), formatDuration(12_600)]).toEqual(["4.2 MB", "3.5 h"]);
    expect(["Østre", "Ånes", "Zen", "Aker"].toSorted(nameOrder())).toEqual(["Aker", "Ånes", "Østre", "Zen"]);
  });

  test("are Norwegian in Norwegian", async () => {
    await useLanguage("no");
    expect([0, 1, 2].map((number) => count(number, "terminal"))).toEqual([
      ...["0 terminaler", "1 terminal", "2 terminaler"],
    ]);
    expect([files(1), files(2)]).toEqual(["1 mislyktes", "2 filer mislyktes"]);
    expect([formatBytes(4_200_000), formatDuration(12_600)]).toEqual(["4,2 MB", "3,5 t"]);
    expect(["Ånes", "Østre", "Zen", "Aker"].toSorted(nameOrder())).toEqual(["Aker", "Zen", "Østre", "Ånes"]);
  });

  test("times are in the zone of this computer, with its name", async () => {
    const { TZ } = process.env;
    try {
      process.env.TZ = "Europe/Oslo";
      expect([formatTime(time), formatDay(time)]).toEqual(["1 Oct 2026 00:46 CEST", "1 Oct 2026"]);
      await useLanguage("no");
      expect([formatTime(time), formatDay(time)]).toEqual(["1. okt. 2026 00:46 CEST", "1. okt. 2026"]);
    } finally {
      if (TZ === undefined) delete process.env.TZ;
      else process.env.TZ = TZ;
    }
  });

  test("a Norwegian text has its English form for the records, with the texts in it", async () => {
    await useLanguage("no");
    const text = t`${t`${count(2, "terminal")} failed`} and ${3} more`;
    expect(text).toBe("2 terminaler mislyktes og 3 til");
    expect(inEnglish(text)).toBe("2 terminals failed and 3 more");
    expect(inEnglish("a name from outside")).toBe("a name from outside");
  });
});

test("a record in English has English times and numbers in a text that was shown in Norwegian", async () => {
  await useLanguage("no");
  try {
    const time = new Date("2026-12-30T12:00:00Z");
    const shown = t`file links that ${"key1"} signed can be valid until ${formatTime(time)}`;
    expect(shown).toContain("30. des. 2026");
    expect(inEnglish(shown)).toMatch(
      /^file links that key1 signed can be valid until 30 Dec 2026 \d\d:\d\d \S+$/,
    );
    expect(formatNumber(3.5, 1)).toBe("3,5");
    expect(inEnglish(t`${formatNumber(3.5, 1)} h`)).toBe("3.5 h");
  } finally {
    await useLanguage("en");
  }
});
