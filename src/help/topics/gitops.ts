import type { TopicText } from "../topic.js";
import { github, gitlab, jenkins } from "./gitops-pipelines.js";

const layout = `automations/           # manifests, the same in every environment
  defaults.yaml
  texts/weekly.md
prod/values.yaml       # what is different there
staging/values.yaml
.herm/                 # in .gitignore: data folder and record, cached`;

const defaults = `# automations/defaults.yaml
values:
  - hour: 9
  - for: {customers: [cus_42]}     # what a customer asked for
    hour: 7
automations:
  - name: Weekly report
    schedule: every Monday at \${hour}am
    tz: Europe/Berlin
    spread: 45m                    # not every customer in one minute
    instructions_file: texts/weekly.md
    enabled: \${live}               # prod/values.yaml has live: true
    not: {deployments: ["* test"]}`;

const action = `- uses: <owner>/<repository>/.github/actions/herm@<commit of v1.2.3>
  with:
    version: 1.2.3
    api-key: \${{ secrets.HERM_API_KEY }}
    command: automations diff --file automations --all-deployments`;

export const topicText: TopicText = {
  about: [
    "For a team that provisions the same automations in the deployments of many customers, from a repository. What a file may say: `herm help manifests`.",
    {
      commands: [
        [
          "herm automations diff -f automations --values prod/values.yaml --all-deployments --prune --record .herm/lock.yaml",
          "what is different now: 9 if anything is",
        ],
        [
          "herm automations apply -f automations --values prod/values.yaml --all-deployments --prune --record .herm/lock.yaml --dry-run",
          "what the pipeline would do",
        ],
      ],
    },
  ],
  sections: [
    {
      title: "The repository",
      blocks: [
        { lines: layout },
        { lines: defaults },
        {
          list: [
            "Each environment has its own key, file of values and record, and a job of its own: staging first, and prod once that is done.",
            "The record tells your automations from the customers' own: only with it is `--prune` safe beside them. A run that finds none, or an empty one, sends nothing and ends with 6, however often it is run. `herm automations adopt -f automations --values prod/values.yaml --all-deployments --record .herm/lock.yaml --yes` starts it, once and by hand, with what exists already; after a lost cache, with the files of the last good commit. So is one of another API refused, or one of whose deployments the key sees none. Where the pipeline may push to main, keep it in the repository instead, with `prod/herm.lock.yaml merge=union` in .gitattributes: what two branches made is then merged.",
            "The data folder has the history (`herm history`), what `herm undo` needs, and what was sent without an answer: keep it from one run to the next.",
          ],
        },
      ],
    },
    {
      title: "Pipelines",
      blocks: [
        "Each shows the plan of a change, and applies what is on main. One at a time: two that share a record wait for each other, two that don't could create the same. They install one version of herm, so that a new one is a change like any other.",
        "For GitHub Actions, with the plan as a comment and a look for drift every night. HERM_READ_KEY needs `deployments:read` only; pull requests from forks have no key, and only what `lint` says:",
        { lines: github },
        "Once there is a release, the action of its repository does it without Node. It checks the SHA-256 of the version, masks the key, and ends with the command's exit code, which is its output `exit-code` too. `command` has the words as a shell reads them; nothing is expanded. Linux and macOS only.",
        { lines: action },
        "For GitLab, where somebody looks at the saved plan in the job's log and starts it (`herm automations apply --plan plan.json --dry-run` shows it elsewhere). HERM_API_KEY is a protected variable, HERM_READ_KEY one that isn't:",
        { lines: gitlab },
        "For Jenkins, on an agent that keeps `/var/lib/herm`:",
        { lines: jenkins },
        {
          rows: [
            ["0", "done, or nothing to do"],
            ["2", "a mistake in the files: all of them are named, nothing was sent"],
            ["6", "frozen, more deletions than `--max-deletes`, or no record"],
            ["8", "some failed, the others are done; the hint is the command that finishes it"],
            ["9", "`diff` and `--plan-out` found something to change"],
            ["12", "an answer was lost: run the job again, it looks first"],
          ],
        },
        "A job that was killed, or failed, is finished by the same command.",
      ],
    },
    {
      title: "A new customer",
      blocks: [
        "A new deployment gets its automations from the next run of the pipeline. One that isn't ready by then, or is broken, is left out with a warning; `--strict`, as in the nightly run, makes that a failure (8), and so is a `for:` that matches nobody (2). Names that are there already are matched, and changed to what the files say, so look first if the customer has automations:",
        {
          commands: [
            [
              "herm automations diff -f automations --values prod/values.yaml --customer cus_42",
              "what the files would change for them",
            ],
          ],
        },
        "What they want otherwise is an entry with `for: {customers: [cus_42]}`, of values or of automations; what they don't want has `not: {customers: [cus_42]}`. What a customer may change stands in `initial:`. What they delete stays deleted (`--recreate`), and what they pause stays paused.",
      ],
    },
    {
      title: "An incident during a rollout",
      blocks: [
        {
          list: [
            'Set the CI\'s variable HERM_FREEZE to a text, such as "INC-42: ask #ops": every job that would change something ends with 6 and that text. Cancel the one that runs; it ends by itself what it has under way, and keeps what it did.',
            "Pause what does harm: `herm automations pause --all-deployments --match 'Weekly*' --incident INC-42 --yes`. Apply never turns on what it finds paused.",
            "Put it right on main, by a fix or by `git revert`. `diff` and `--dry-run` work while it is frozen.",
            "Unset HERM_FREEZE, run the pipeline again, and once it is done `herm automations resume --incident INC-42`. It leaves alone what was changed since the pause, names it, and brings it back too with `--include-changed`.",
          ],
        },
      ],
    },
    {
      title: "Rollback",
      blocks: [
        "`git revert` of the commit, and the pipeline does the rest: the files say what should be, so it changes back what the commit changed, makes again what it deleted, with new ids, and with `--prune` deletes what it made.",
        {
          list: [
            "What the commit renamed is renamed back, with its runs, if the item has an `id` or says `formerly: <the new name>`. If it has neither, `--prune` deletes it and another one is created.",
            "`herm undo c_7f3kq9 --yes`, by the id that the job's log ends with, is quicker, where the data folder is. Freeze first: without a revert the next run changes again what the commit changes. The record isn't undone: what undo deleted is created again only with `--recreate`, and what it brought back is pruned only once `adopt` has taken it in.",
          ],
        },
      ],
    },
  ],
  see: [
    "manifests",
    "incidents",
    "automations apply",
    "automations diff",
    "automations adopt",
    "undo",
    "environment",
  ],
};
