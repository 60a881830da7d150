import { Writable } from "node:stream";
import { expect, test } from "vitest";
import { Output } from "../../../cli/terminal-ui/output.ts";

/** What an output writes for remedies, by name. */
function write(remedies: [name: string, remedy: string][]): string {
  let written = "";
  const stdout = new Writable({
    write(chunk, _encoding, done) {
      written += chunk;
      done();
    },
  });
  const output = new Output({ stdout: stdout as unknown as NodeJS.WriteStream });
  for (const [name, remedy] of remedies) output.collectRemedy(name, { remedyLines: [remedy] });
  output.writeRemedies();
  return written;
}

const remedyOf = (id: string) => `Run \`npx terminals reinstate ${id} --out bundles\`.`;

test("a remedy that names its terminal is written once for several terminals, with their number", () => {
  const ids = ["hall-1", "hall-2", "hall-10"];
  expect(write(ids.map((id) => [id, remedyOf(id)]))).toBe(
    "  3 times (hall-1, hall-2, hall-10): Run `npx terminals reinstate TERMINAL --out bundles`.\n",
  );
});

test("the remedy of one terminal among others names it", () => {
  expect(
    write([
      ["hall-1", remedyOf("hall-1")],
      ["hall-2", "Wait."],
      ["hall-3", "Wait."],
    ]),
  ).toBe(
    [
      "  hall-1: Run `npx terminals reinstate hall-1 --out bundles`.",
      "  2 times (hall-2, hall-3): Wait.",
      "",
    ].join("\n"),
  );
});

test("a name within a longer word of a remedy stays", () => {
  expect(
    write([
      ["a-1", "See a-10 and a-1."],
      ["b-2", "See a-10 and b-2."],
    ]),
  ).toBe("  2 times (a-1, b-2): See a-10 and TERMINAL.\n");
});
