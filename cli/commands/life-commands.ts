import { type Command, Option } from "commander";
import { example, onStackChanging, sealing } from "../arguments/common-options.ts";
import { days, hours, seconds } from "../arguments/numbers.ts";

/** Adds the commands of a terminal's life after it was onboarded. */
export function addLifeCommands(program: Command, signal: AbortSignal): void {
  onStackChanging(program.command("revoke"), { reason: "with the identity", mustSayWhy: true })
    .description("shut terminals out at the IoT Hub, the files and the Flow API, and see that they are")
    .argument("[terminal]", "the terminal's id")
    .option(
      "--customer <id>",
      "all terminals of a customer; with a TERMINAL: whose it was, when the hub does not know it any more",
    )
    .option("--site <name>", "all terminals at a site, of one customer")
    .option("--all-customers", "with --site: at the sites of that name of all customers")
    .option("--file <offer>", "one file that was offered to TERMINAL, and nothing else")
    .option("--wait <seconds>", "how long the hub may take to drop a live connection", seconds, 300)
    .option("--yes", "do not ask")
    .addHelpText(
      "after",
      example(
        'terminals revoke example-001 --stack prod --reason "stolen"',
        'terminals revoke --customer example-municipality --site "Town hall" --stack prod --reason "closed"',
        'terminals revoke example-001 --file OFFER --stack prod --reason "sent by mistake"',
      ),
    )
    .action(async (terminal, options) =>
      (await import("./revoke/revoke.ts")).revokeCommand(terminal, options, signal),
    );

  sealing(onStackChanging(program.command("reinstate")))
    .description("let a revoked terminal in again, with fresh keys in a new sealed hand-over")
    .argument("<terminal>", "the terminal's id")
    .option("--customer <id>", "whose it was, when the hub does not know it any more")
    .option("--yes", "do not ask")
    .addHelpText(
      "after",
      example("terminals reinstate example-001 --stack prod --out hand-overs --recipient age1…"),
    )
    .action(async (terminal, options) =>
      (await import("./reinstate/reinstate.ts")).reinstateCommand(terminal, options, signal),
    );

  onStackChanging(program.command("retire"))
    .description("revoke a terminal for good: it is deleted by a run after a waiting time")
    .argument("[terminal]", "the terminal's id")
    .option("--after <days>", "the waiting time, counted from the first run; default 30", days)
    .addOption(new Option("--due", "delete all terminals whose waiting time is over").conflicts("after"))
    .option("--yes", "do not ask")
    .addHelpText(
      "after",
      example(
        'terminals retire example-001 --stack prod --reason "scrapped"',
        "terminals retire --due --yes --stack prod",
      ),
    )
    .action(async (terminal, options) =>
      (await import("./retire/retire.ts")).retireCommand(terminal, options, signal),
    );

  sealing(onStackChanging(program.command("replace"), { reason: "with the old identity" }))
    .description("move a terminal's place at its site to new hardware, and revoke the old one")
    .argument("<old>", "the id of the terminal that goes")
    .argument("<new>", "the id of the one that comes")
    .option("--now", "revoke the old one at once, without waiting until the new one was seen at the hub")
    .option("--wait <seconds>", "how long to wait for the new one", seconds, 60)
    .option("--yes", "do not ask")
    .addHelpText(
      "after",
      example("terminals replace example-001 example-101 --stack prod --out hand-overs --recipient age1…"),
    )
    .action(async (old, replacement, options) =>
      (await import("./replace/replace.ts")).replaceCommand(old, replacement, options, signal),
    );

  sealing(onStackChanging(program.command("rotate")))
    .description("renew terminals' keys without an outage; run it again to go on")
    .argument("[terminal]", "the terminal's id")
    .option("--customer <id>", "all terminals of a customer, and its shared key")
    .option("--older-than <days>", "terminals with a key that is older", days)
    .addOption(
      new Option("--keys <which>", "which keys; the terminal's Flow key goes with each of them")
        .choices(["hub", "flow", "shared", "all"])
        .default("all"),
    )
    .option("--continue", "go on with what is under way and begin nothing")
    .option("--grace <hours>", "how long old keys work on after the new ones were seen in use", hours, 24)
    .option("--wait <seconds>", "how long to wait for terminals, and for times to pass", seconds, 60)
    .option("--file", "hand over by sealed files, also where keys can go through the hub")
    .option("--again", "hand over anew what is on its way, for example when a sealed file was lost")
    .option(
      "--new-recipient",
      "believe a terminal that was set up anew and has another recipient than before",
    )
    .option("--yes", "do not ask")
    .addHelpText(
      "after",
      example(
        "terminals rotate example-001 --stack prod",
        "terminals rotate --older-than 90 --stack prod --yes",
        "terminals rotate --customer example-municipality --keys shared --stack prod --wait 900",
        "terminals rotate --continue --stack prod --yes",
      ),
    )
    .action(async (terminal, options) =>
      (await import("./rotate/rotate.ts")).rotateCommand(terminal, options, signal),
    );

  program
    .command("completion")
    .description("write what makes a shell complete these commands")
    .argument("<shell>", "bash, zsh, fish or powershell")
    .addHelpText(
      "after",
      example(
        "source <(terminals completion bash)",
        "terminals completion fish > ~/.config/fish/completions/terminals.fish",
        "terminals completion powershell | Out-String | Invoke-Expression",
      ),
    )
    .action(async (shell) => {
      process.stdout.write((await import("./completion/completion.ts")).completionFor(program, shell));
    });
}
