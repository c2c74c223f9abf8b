import { askingPeople, changing, otherPeoplesText, reading } from "../skill/rules.js";
import type { TopicText } from "../topic.js";

export const topicText: TopicText = {
  about: [
    "For scripts and AI agents that run herm for somebody. Nothing is asked off a terminal, results are JSON where you ask for it, exit codes are exact, and most changes can be looked at before they are made.",
  ],
  sections: [
    {
      title: "Teaching an agent",
      blocks: [
        "A skill is a page that an agent reads before it works, with others beside it. herm brings its own:",
        {
          commands: [
            ["herm skill", "print it"],
            ["herm skill commands", "one of the pages beside it"],
            [
              "herm skill install --dir .claude/skills --yes",
              "write all of it to where an agent looks for it",
            ],
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
