import { cpus, totalmem } from "node:os";
import { benchFiles } from "./files.ts";
import { benchGateway } from "./gateway.ts";
import { benchOnboarding } from "./onboarding.ts";
import { benchOnboardingPace } from "./onboarding-pace.ts";
import { benchPreview } from "./preview.ts";
import { benchRevoke } from "./revoke.ts";
import { benchSendMany } from "./send-many.ts";
import { benchStatus } from "./status.ts";
import { benchTerminals } from "./terminals.ts";

/** `npm run bench [NAME …]`: each measurement by name; without a name, all of them. */
const benches: Record<string, () => Promise<string[]>> = {
  preview: benchPreview,
  onboarding: benchOnboarding,
  "onboarding-pace": benchOnboardingPace,
  files: benchFiles,
  terminals: benchTerminals,
  revoke: benchRevoke,
  "send-many": benchSendMany,
  status: benchStatus,
  gateway: benchGateway,
};

const names = process.argv.slice(2);
const unknown = names.filter((name) => !(name in benches));
if (unknown.length > 0) {
  console.error(`There is no bench ${unknown.join(", ")}; there are: ${Object.keys(benches).join(", ")}`);
  process.exit(2);
}
console.log(
  `${cpus().length} × ${cpus()[0]?.model}, ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.version}`,
);
for (const [name, bench] of Object.entries(benches)) {
  if (names.length > 0 && !names.includes(name)) continue;
  console.log(`\n${name}`);
  for (const line of await bench()) console.log(`  ${line}`);
}
