import type { CommandHelp } from "../command/help.js";

/** The help of the tools around the product's commands. */
export const toolsTexts: Readonly<Record<string, CommandHelp>> = {
  doctor: {
    about:
      "Check what herm needs: Node, settings, its files, the server, the key, the deployment, the clock.",
    use: "When something doesn't work: it says what to do about each thing that isn't well, and changes nothing.",
    inPipe: "ok or problem, check, what was found, what to do",
    exitCodes: { 0: "all is well", 1: "something isn't" },
    examples: ["herm doctor", "herm doctor --profile prod --output json"],
  },
  completion: {
    about:
      "Print a completion script: commands, flags, their values, automations' names and deployments' ids.",
    use: "Once for each shell. What is the server's is kept for a minute, and never waited for long.",
    examples: [
      "herm completion bash >> ~/.bashrc",
      'herm completion zsh > "${fpath[1]}/_herm"',
      "herm completion fish > ~/.config/fish/completions/herm.fish",
    ],
  },
  commands: {
    about: "List every command.",
    use: "For tools that write or check command lines: with --output json each has its arguments, flags with their values, exit codes and examples.",
    inPipe: "command, summary",
    examples: ["herm commands", "herm commands --output json"],
  },
};
