import type { TopicText } from "../topic.js";

export const topicText: TopicText = {
  about: [
    "The API server that ships with herm: real HTTP, event streams and a scheduler on 127.0.0.1, with data in a file. Try everything with it, develop and test against it; no account is needed, and nothing leaves your machine.",
  ],
  sections: [
    {
      title: "Using it",
      blocks: [
        "`--local` on any command uses it. If none runs, one is started in the background, and stops after ten minutes without a request, a stream or a run, unless an enabled automation is due within the hour.",
        {
          commands: [
            ["herm --local automations list", "your own automations on it; it starts empty"],
            ["herm dev", "run it in the foreground, until Ctrl-C"],
            ["herm dev --status", "whether it runs, where, and until when"],
            ["herm dev --stop", "stop it"],
            ["herm dev --reset --yes", "start with no data; what was there is kept beside it"],
          ],
        },
        "In the foreground it has a line on stderr for each request that changes something, each fire and each end of a run, with its outcome and how long it took. More than 20 lines a second are counted; `--quiet` says nothing of it.",
        "An empty one has one deployment, `dep_local`. What is due while it is stopped fires once when it starts again. What it has answered is on the disk: it may be killed at any moment.",
      ],
    },
    {
      title: "Its agent",
      blocks: [
        "Each run is done by a small scripted agent. A line in the automation's instructions tells it how to end:",
        {
          rows: [
            ["@dev fail <reason>", "the run fails"],
            ["@dev ask <question>", "the run waits for an answer"],
            ["@dev wait <seconds>", "the run takes that long"],
          ],
        },
        "`--agent` runs a program of yours instead: it reads the instructions on stdin and writes its answer to stdout. An exit code other than 0, or more than 4 MiB of output, is a failed run.",
        { commands: ["herm dev --agent 'my-agent --stdin'"] },
      ],
    },
    {
      title: "In tests",
      blocks: [
        "A server of your own, kept in memory, says in one line of JSON where it listens (url, api_key, data, pid, deployments), once it accepts requests:",
        { commands: ["herm dev --memory --port 0 -o json"] },
        "You don't have to wait for anything. Below `/_dev/`, with the server's key, are calls that the API doesn't have. With HERM_API_URL and HERM_API_KEY set to what that line says:",
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
              "moves the clock forward; what is due on the way fires, in order, and all times follow, also those of the commands that read them: `--since 2h` is by this clock. At most 1,000 schedules at once",
            ],
            ["faults", "makes requests fail, hang or break off, also after they took effect"],
            ["requests", "how many requests were served, by method and path"],
          ],
        },
      ],
    },
    {
      title: "Who can reach it",
      blocks: [
        "Only this machine, and only with its key, which is kept beside the data for you alone. It refuses requests for any other host than exactly `127.0.0.1:<port>`, and those that a web page makes. It never takes or forwards a real key.",
        "A run's events can be replayed until a week after its end; what it said stays in its thread.",
      ],
    },
  ],
  see: ["dev", "security", "environment"],
};
