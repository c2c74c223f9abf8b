import type { TopicText } from "../topic.js";

export const topicText: TopicText = {
  about: [
    "`--help` on each command has its flags and more examples; `--help --verbose` everything, its exit codes too.",
  ],
  sections: [
    {
      title: "Your automations",
      blocks: [
        {
          commands: [
            ["herm automations list", "what there is, and when it runs next"],
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
              "all of it in your editor; nothing that you wrote is lost",
            ],
            ["herm automations upcoming", "what fires next, in the order of time"],
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
            ["herm runs watch <run>", "follow one that is under way"],
            ["herm runs show <run>", "what one did and said"],
            ["herm runs answer <run> yes", "answer one that asks"],
            ["herm runs answer --all-deployments", "every one that asks, one after the other"],
            [
              'herm runs answer --text yes --match "Weekly*" --all-deployments',
              "all that ask the same at once, after one question",
            ],
            ["herm runs list --failed --since 12h --all-deployments", "what failed last night"],
            ["herm runs list --since yesterday --until today", "what ran yesterday"],
            ['herm runs list --search "rate limit" --since 7d', "which runs said so, and where"],
            ["herm runs list --watch", "what runs right now"],
            [
              "herm automations audit --all-deployments --by automation",
              "how runs went, a row for each: on time, missed, failed, p95",
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
            ["herm status", "on one screen: counts, what fires soon, and what needs a look, the worst first"],
            ["herm status --all-deployments --watch", "the same of all of it, redrawn as it changes"],
            [
              "herm automations list --all-deployments --late --failing --waiting --unexpected --exit-code",
              "monitors all of it in one line: 9 if anything is listed",
            ],
            [
              "herm automations audit --all-deployments --since yesterday --exit-code",
              "what should have run and didn't, or late, and what ran although it is paused: 9 if anything was missed or ran so",
            ],
            [
              "herm automations catch-up --all-deployments --since 24h --dry-run",
              "what of it one run each would make up for, after a downtime",
            ],
            ['herm history "Weekly video variations"', "who changed it from here, when and why"],
            ["herm top --all-deployments", "all of it on one live screen, until you leave it"],
            [
              'herm automations update --all-deployments --if-schedule "every Monday at 9am" --schedule "every Monday at 8:30"',
              "moves all that fire then, however it is spelt; shows a plan, and asks",
            ],
            [
              "herm automations update --all-deployments --replace five --with six",
              "puts one text in another's place, in all instructions",
            ],
            ["herm automations pause --all --incident INC-1", "stop it; herm help incidents has the rest"],
            [
              'herm automations copy "Weekly video variations" --to-customer cus_42 --dry-run',
              "have it in other deployments too, by name; --update changes what differs there",
            ],
            [
              "herm automations apply --file automations --all-deployments --dry-run",
              "provision it from files",
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
            ["herm deployments list", "the deployments that there are"],
            ["herm deployments use <id>", "the one to work on"],
            ["herm completion bash >> ~/.bashrc", "complete commands, flags and names; also in zsh and fish"],
            ["herm doctor", "what is wrong with the setup, and what to do"],
          ],
        },
      ],
    },
    {
      title: "Naming what you mean",
      blocks: [
        "A ref is an id (`auto_…`) or an exact name; its deployment may go in front, by id or by name: `dep_…/auto_…`, `Acme/Weekly report`. `name:<text>` is always a name. A run is `run_…`, or that behind its deployment. Leave the ref out on a terminal, and you pick from a list.",
        "Many at once: `--deployment` (repeatable), `--customer`, `--all-deployments`, `--match` with a glob on names, and `--except` to leave some out.",
        "A mistyped command, flag or name is answered with what was probably meant, and so are the words of other tools: `auto rm` with `herm automations delete`.",
      ],
    },
  ],
  see: ["schedules", "incidents", "manifests", "gitops", "local-server"],
};
