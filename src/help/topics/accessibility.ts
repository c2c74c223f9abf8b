import type { TopicText } from "../topic.js";

export const topicText: TopicText = {
  about: [
    "Nothing is said by colour alone, nothing needs a wide terminal, and every question has a flag that answers it.",
  ],
  sections: [
    {
      title: "Without colour",
      blocks: [
        "`--no-color`, `NO_COLOR=1` or `TERM=dumb` turns colour off; a pipe has none unless `FORCE_COLOR` is set. Each state has a mark and a word of its own:",
        {
          rows: [
            ["◉ enabled", "it fires by its schedule"],
            ["○ paused", "it doesn't"],
            ["▣ held", "an open incident keeps it paused"],
            ["✓ completed", "the last run ended well"],
            ["✗ failing", "the last run failed"],
            ["? waiting", "a run waits for a human"],
            ["● running", "a run is under way"],
            ["! late", "it should have run by now, and didn't"],
          ],
        },
      ],
    },
    {
      title: "Without redrawing",
      blocks: [
        "With `TERM=dumb`, or through a pipe, nothing is redrawn and nothing asked: a followed run is printed line by line, and lists are rows. `--quiet` leaves out progress, notes and hints.",
        {
          commands: [
            ["herm automations list | cat", "one row a line, tabs between, no header"],
            ["herm automations list -o json", "each value with its name"],
          ],
        },
      ],
    },
    {
      title: "Without questions",
      blocks: [
        "`--no-input` asks nothing: what is missing ends with 2 and names the flags that say it. `--yes` confirms beforehand.",
      ],
    },
    {
      title: "On a narrow terminal",
      blocks: [
        "Columns shrink before they disappear: at 40 columns a list still has name, status and next run. An id or a time is whole or not there. `--columns` chooses what is shown.",
      ],
    },
  ],
  see: ["output", "environment"],
};
