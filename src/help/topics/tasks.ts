import type { TopicText } from "../topic.js";

export const topicText: TopicText = {
  about: [
    "A command's `--help` has its flags; `--help --verbose` everything, with more examples and exit codes.",
  ],
  sections: [
    {
      title: "Your automations",
      blocks: [
        {
          commands: [
            ["herm automations list", "all of a deployment, and when each runs next"],
            ["herm automations list --watch", "the same, redrawn as it changes"],
            ["herm automations create", "asks for what is missing, and shows the command that does the same"],
            [
              'herm automations create --name "Weekly video variations" --schedule "every Monday at 9am" --instructions-file prompt.md',
              "in one line",
            ],
            ['herm automations get "Weekly video variations"', "everything about one, and its recent runs"],
            [
              'herm automations update "Weekly video variations" --schedule "every weekday at 18:30"',
              "changes only what you name",
            ],
            [
              'herm automations update "Weekly video variations" --edit',
              "the whole automation in your editor; nothing you write is lost",
            ],
            ["herm automations upcoming", "what runs next, in time order"],
          ],
        },
      ],
    },
    {
      title: "Runs",
      blocks: [
        {
          commands: [
            ['herm automations trigger "Weekly video variations" --follow', "run it now, and follow the run"],
            ["herm runs watch <run>", "follow one that is still going"],
            ["herm runs show <run>", "what one did and said"],
            ["herm runs answer <run> yes", "answer one that waits"],
            ["herm runs answer --all-deployments", "all that wait, one after the other"],
            [
              'herm runs answer --text yes --match "Weekly*" --all-deployments',
              "all that wait, with one answer",
            ],
            ["herm runs list --failed --since 12h --all-deployments", "what failed last night"],
            ["herm runs list --since yesterday --until today", "what ran yesterday"],
            ['herm runs list --search "rate limit" --since 7d', "which runs say so, and where"],
            ["herm runs list --watch", "recent runs, redrawn as they change"],
            [
              "herm automations audit --all-deployments --by automation",
              "how many were on time, missed or failed, and their p95",
            ],
            ["herm events --all-deployments", "everything that happens, as it happens"],
          ],
        },
      ],
    },
    {
      title: "A fleet",
      blocks: [
        {
          commands: [
            ["herm status", "counts, what runs soon, and what needs attention, worst first"],
            ["herm status --all-deployments --watch", "the same for all deployments, redrawn as it changes"],
            [
              "herm automations list --all-deployments --late --failing --waiting --unexpected --exit-code",
              "a monitor: 9 if anything is listed",
            ],
            [
              "herm automations audit --all-deployments --since yesterday --exit-code",
              "a check for each night: 9 if a run was missed, or a paused automation ran",
            ],
            [
              "herm automations catch-up --all-deployments --since 24h --dry-run",
              "after a downtime: what would start, one run for each that missed any",
            ],
            ['herm history "Weekly video variations"', "who changed it from here, when and why"],
            ["herm top --all-deployments", "the fleet on a live screen, to filter and act on"],
            [
              'herm automations update --all-deployments --if-schedule "every Monday at 9am" --schedule "every Monday at 8:30"',
              "moves all with this schedule, however it is written; shows a plan, and asks",
            ],
            [
              "herm automations update --all-deployments --replace five --with six",
              "replaces text in all instructions",
            ],
            [
              "herm automations pause --all --incident INC-1",
              "stop everything; herm help incidents shows the rest",
            ],
            [
              'herm automations copy "Weekly video variations" --to-customer cus_42 --dry-run',
              "copy it by name; --update changes what differs there",
            ],
            [
              "herm automations apply --file automations --all-deployments --dry-run",
              "make automations match files",
            ],
          ],
        },
      ],
    },
    {
      title: "Setting up",
      blocks: [
        {
          commands: [
            ["herm auth login", "save a key"],
            ["herm deployments list", "list all deployments"],
            ["herm deployments use <id>", "choose the one to work on"],
            [
              "herm completion bash >> ~/.bashrc",
              "complete commands, flags and names; also for zsh and fish",
            ],
            ["herm doctor", "what is wrong with the setup, and what to do"],
          ],
        },
      ],
    },
    {
      title: "Naming what you mean",
      blocks: [
        "A ref is an id (`auto_…`) or an exact name; its deployment may go in front, by id or name: `dep_…/auto_…`, `Acme/Weekly report`. `name:<text>` is always a name. A run is `run_…`, alone or after its deployment. On a terminal you can leave the ref out and pick from a list.",
        'Many at once: `--deployment` (repeatable), `--customer` or `--all-deployments`, narrowed by `--match "Daily*"` and `--except`.',
        "Mistype something, or use a word of another tool, and herm says what you probably meant: for `auto rm`, `herm automations delete`.",
      ],
    },
  ],
  see: ["schedules", "incidents", "manifests", "gitops", "local-server"],
};
