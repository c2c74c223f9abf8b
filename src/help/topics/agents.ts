import { askingPeople, changing, otherPeoplesText, reading } from "../skill/rules.js";
import type { TopicText } from "../topic.js";

export const topicText: TopicText = {
  about: [
    "Where there is no terminal, herm asks nothing. `-o json` gives results to read, the exit code says what happened, and `--dry-run` shows a change before it is made.",
  ],
  sections: [
    {
      title: "Teaching an agent",
      blocks: [
        "herm brings a skill: pages that an agent reads before it works.",
        {
          commands: [
            ["herm skill", "print it"],
            ["herm skill commands", "one of the pages beside it"],
            ["herm skill install --dir .claude/skills --yes", "write it where an agent looks for it"],
          ],
        },
      ],
    },
    {
      title: "Finding the command",
      blocks: [
        {
          commands: [
            ["herm commands -o json", "every command with its arguments, flags, exit codes and examples"],
            ["herm help topics -o json", "what else is explained"],
          ],
        },
      ],
    },
    reading,
    changing,
    otherPeoplesText,
    askingPeople,
  ],
  see: ["skill", "output", "exit-codes", "commands"],
};
