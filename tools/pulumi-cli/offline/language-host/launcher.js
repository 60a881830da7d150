// Installed beside a built CLI, where the engine looks for its Node language host. It starts the language host of the
// checkout that started the CLI, so that one built CLI serves every checkout of the user.
import { pathToFileURL } from "node:url";

const server = process.env.TERMINAL_FLEET_LANGUAGE_HOST;
if (!server) {
  console.error("This Pulumi CLI was built for terminal-fleet. Start it with: npm run pulumi -- ARGS");
  process.exit(1);
}
await import(pathToFileURL(server).href);
