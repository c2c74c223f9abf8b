import type { TopicText } from "../topic.js";
import { github, gitlab, jenkins } from "./gitops-pipelines.js";

const layout = `automations/           # manifests, the same in every environment
  defaults.yaml
  texts/weekly.md
prod/values.yaml       # what differs there
staging/values.yaml
herm.lock.yaml         # the record: in .gitignore, and in CI's cache`;

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

const onboarding = `herm automations diff -f automations --values prod/values.yaml \\
  --customer cus_9
# automations/defaults.yaml
+   - for: {customers: [cus_9]}
+     hour: 6
  automations:
git push`;

const leaving = `# automations/defaults.yaml
+ leaving: [Acme]                  # ids and exact names
  values:
git push`;

const rename = `# automations/defaults.yaml
-   - name: Weekly report
+   - name: Monday report
+     formerly: Weekly report
git push`;

const lost = `gh workflow run automations -f ref=3f2a91c   # the last one applied
git push`;

const incident = `gh variable set HERM_FREEZE --body "INC-42: ask #ops"
herm automations pause --all-deployments --match "Weekly*" \\
  --incident INC-42 --yes
# automations/defaults.yaml
-     instructions_file: texts/weekly.md
+     instructions: Look back at last week. Write to nobody.
gh variable delete HERM_FREEZE
git push
herm automations resume --incident INC-42 --yes
herm automations resume "Acme/Weekly report" "Local/Weekly report"`;

const action = `- uses: <owner>/<repository>/.github/actions/herm@<commit of v1.2.3>
  with:
    version: 1.2.3
    api-key: \${{ secrets.HERM_API_KEY }}
    command: automations diff --file automations --all-deployments`;

export const topicText: TopicText = {
  about: [
    "One repository for the automations of many customers. What a file may say is in `herm help manifests`.",
    {
      commands: [
        [
          "herm automations diff -f automations --values prod/values.yaml --all-deployments",
          "from your desk: 9 if anything differs",
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
        "Each environment has its own key, values, record and job: staging first, then prod.",
        "The record lists your automations, beside the customers' own. `adopt` starts it, once; without it, a run sends nothing and ends with 6. Cache only the record: the data folder has customers' texts.",
      ],
    },
    {
      title: "Which value wins",
      blocks: [
        "The last of these that has one; within one, the narrowest. So `hour` for cus_42 is:",
        {
          rows: [
            ["7", "in automations/defaults.yaml above: 9 for all, 7 for cus_42"],
            ["8", "with `hour: 8` in prod/values.yaml, although that is for all"],
            ["6", "with HERM_VAR_hour=6 as well"],
            ["5", "with `--var hour=5` as well"],
          ],
        },
        "`herm automations diff -f automations --values prod/values.yaml --customer cus_42 --verbose` shows each value and where it comes from.",
      ],
    },
    {
      title: "Pipelines",
      blocks: [
        "Each shows the plan of a change, and applies what is on main, one run at a time. If a run is killed, the next one finishes it.",
        "GitHub Actions, with the plan as a comment and a nightly check for drift. HERM_READ_KEY needs only `deployments:read`; a fork's pull request has no key, and is only linted. Run the workflow by hand once, to start the record:",
        { lines: github },
        "Once there is a release, its action needs no Node. It checks the SHA-256, masks the key, and ends with the command's exit code, also in its output `exit-code`. Linux and macOS only.",
        { lines: action },
        "GitLab: somebody reads the plan in the log of `plan`, and starts `apply`. Run `adopt` once, to start the record. HERM_API_KEY is a protected variable, HERM_READ_KEY isn't:",
        { lines: gitlab },
        "Jenkins, on an agent with a lasting `/var/lib/herm`, where you run `adopt` once:",
        { lines: jenkins },
        {
          rows: [
            ["0", "done, or nothing to do"],
            ["2", "mistakes in the files; nothing was sent"],
            ["6", "frozen, more deletions than `--max-deletes`, or no record"],
            ["8", "some failed, the others are done; the hint finishes it"],
            ["9", "`diff` and `--plan-out` found something to change"],
            ["12", "an answer was lost: run the job again; the record shows what was created"],
          ],
        },
      ],
    },
    {
      title: "A new customer",
      blocks: [
        "See what the files would change, write down what they want to differ, and push:",
        { lines: onboarding },
        "An automation of theirs with one of your names is `skipped: not ours` (8): exclude them with `not: {customers: [cus_9]}`, or take it over: run `adopt` as for the first record, and push again.",
      ],
    },
    {
      title: "A customer who leaves",
      blocks: ["What the record has there is deleted, and nothing else:", { lines: leaving }],
    },
    {
      title: "A renamed default",
      blocks: [
        "With `formerly`, or an `id`, it keeps its runs; otherwise it would be deleted and created:",
        { lines: rename },
        "`git revert` undoes a commit, but renames back only what has an `id`. For the rest, write `formerly` the other way round.",
      ],
    },
    {
      title: "A lost record",
      blocks: [
        "Start it from the last commit that was applied, so that what was removed since is still deleted. In GitLab, run `adopt` of that commit's pipeline.",
        { lines: lost },
      ],
    },
    {
      title: "An incident during a rollout",
      blocks: [
        "While HERM_FREEZE is set, every job that would change something ends with 6 and its text. Cancel the one that runs; what it did stays. Apply never resumes what is paused. `herm automations resume --incident INC-42` resumes what is unchanged since the pause, and lists the rest (8), here what the fix changed:",
        { lines: incident },
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
