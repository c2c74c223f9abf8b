import type { TopicText } from "../topic.js";

export const topicText: TopicText = {
  about: [
    "herm brings the whole API for your machine: real HTTP, event streams and a scheduler on 127.0.0.1, with data in a file. Try, develop and test without an account; nothing leaves your machine.",
  ],
  sections: [
    {
      title: "Using it",
      blocks: [
        "`--local` on any command uses it, and starts one in the background if none runs. It stops after ten idle minutes, unless an automation is due within the hour.",
        {
          commands: [
            ["herm --local automations list", "the automations on it; it starts empty"],
            ["herm dev", "run it in the foreground, until Ctrl-C"],
            ["herm dev --status", "whether it runs, where, and until when"],
            ["herm dev --stop", "stop it"],
            ["herm dev --reset --yes", "start empty; the old data is saved beside it"],
          ],
        },
        "In the foreground it prints a line on stderr for each change, each scheduled run and each run's end. `--quiet` turns that off.",
        "A new one has one deployment, `dep_local`. What was due while it was stopped runs once when it starts again. It may be killed at any moment without losing data.",
      ],
    },
    {
      title: "Its agent",
      blocks: [
        "A small scripted agent does each run. A line in the instructions says how the run ends:",
        {
          rows: [
            ["@dev fail <reason>", "the run fails"],
            ["@dev ask <question>", "the run waits for an answer"],
            ["@dev wait <seconds>", "the run takes that long"],
          ],
        },
        "`--agent` runs a program of yours instead: instructions on stdin, answer on stdout. An exit code other than 0, or more than 4 MiB of output, fails the run.",
        { commands: ["herm dev --agent 'my-agent --stdin'"] },
      ],
    },
    {
      title: "In tests",
      blocks: [
        "A server in memory prints one line of JSON once it accepts requests (url, api_key, data, pid, deployments):",
        { commands: ["herm dev --memory --port 0 -o json"] },
        "Calls below `/_dev/` move its clock and simulate faults, so that tests need not wait. With HERM_API_URL and HERM_API_KEY set to what that line says:",
        {
          lines: `dev() { curl -s -H "Authorization: Bearer $HERM_API_KEY" \\
  -H 'Content-Type: application/json' "$HERM_API_URL/_dev/$@"; }
dev clock -d '{"advance_s": 86400}'
dev faults -d '{"method": "POST", "path": "/v1/deployments/*/automations",
  "action": {"type": "commit_then_fail"}}'
dev requests`,
        },
        {
          rows: [
            [
              "clock",
              "moves the clock forward; what is due on the way runs, in order. Commands use this clock too, as in `--since 2h`. At most 1,000 scheduled runs at once",
            ],
            ["faults", "makes requests fail, hang or break off, even after they took effect"],
            ["requests", "how many requests were served, by method and path"],
          ],
        },
      ],
    },
    {
      title: "Who can reach it",
      blocks: [
        "Only this machine, and only with its key, which lies beside the data for you alone. It refuses requests for any host but `127.0.0.1:<port>`, and those of web pages. It never takes or forwards a real key.",
        "A run's events can be replayed for a week after its end; what it said stays in its thread.",
      ],
    },
  ],
  see: ["dev", "security", "environment"],
};
