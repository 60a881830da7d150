// Lies beside a built CLI, where the engine looks for its language host, and hands over to the one of the
// checkout that started the CLI: one built CLI serves every checkout of this user.
import { pathToFileURL } from "node:url";

const server = process.env.TERMINAL_FLEET_LANGUAGE_HOST;
if (!server) {
  console.error("This Pulumi CLI was built for terminal-fleet: start it with npm run pulumi -- ARGS");
  process.exit(1);
}
await import(pathToFileURL(server).href);
