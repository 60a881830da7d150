import { type Command, Option } from "commander";
import { example, onStack } from "../arguments/common-options.ts";
import { states } from "../fleet-status/drift.ts";

/** Adds the commands that look and change nothing: how the fleet stands, and who changed what. */
export function addOverviewCommands(program: Command, signal: AbortSignal): void {
  onStack(program.command("status"))
    .description("show how terminals stand at the IoT Hub, the Flow API and the files, and what does not fit")
    .option("--customer <id>", "terminals of a customer")
    .option("--site <name>", "terminals at a site")
    .addOption(new Option("--state <state...>", "only terminals that are so").choices([...states, "drift"]))
    .option("--policies", "look at each container's stored access policy too: one call a terminal")
    .option("--batch <file>", "compare with the journal of this batch")
    .option("--html <file>", "write a page with a picture of the fleet by site")
    .addHelpText(
      "after",
      example(
        "terminals status --stack prod --customer example-municipality",
        "terminals status --stack prod --state drift --policies",
        "terminals status --stack prod --html fleet.html",
      ),
    )
    .action(async (options) => (await import("./status/status.ts")).statusCommand(options, signal));

  const audit = program.command("audit").description("read the record of every change");
  onStack(audit.command("show"))
    .description("show who changed what, when and why, and how it ended")
    .option("--customer <id>", "changes for this customer")
    .option("--terminal <id>", "changes of this terminal")
    .option("--since <day>", "changes from this day on, for example 2025-11-01")
    .addHelpText(
      "after",
      example(
        "terminals audit show --stack prod --terminal example-001",
        "terminals audit show --stack prod --customer example-municipality --since 2025-11-01 --json",
      ),
    )
    .action(async (options) => (await import("./audit/audit-show.ts")).auditShowCommand(options, signal));
  onStack(audit.command("verify"))
    .description("follow the chain of records from the oldest to the newest")
    .option("--head <sha256>", "a head that an earlier verification named: it must still be in the chain")
    .addHelpText("after", example("terminals audit verify --stack prod"))
    .action(async (options) => (await import("./audit/audit-verify.ts")).auditVerifyCommand(options));
}
