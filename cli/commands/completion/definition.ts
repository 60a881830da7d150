import { Command } from "@commander-js/extra-typings";
import { withExamples } from "../../arguments/common-options.ts";
import { t } from "../../words/translate.ts";

export function defineCompletion() {
  return withExamples(
    new Command("completion")
      .description(t`write the script that lets a shell complete these commands`)
      .argument("<shell>", t`bash, zsh, fish or powershell`),
    "source <(npx terminals completion bash)",
    "npx terminals completion fish > ~/.config/fish/completions/terminals.fish",
    "npx terminals completion powershell | Out-String | Invoke-Expression",
  );
}
