import type { TopicText } from "../topic.js";

export const topicText: TopicText = {
  about: [
    "What is told is true, nothing is done twice, and what somebody wrote isn't lost: when the network fails, when two people work at once, and when you change your mind.",
  ],
  sections: [
    {
      title: "Undoing",
      blocks: [
        "Before a change is sent, what was there is written to the history in the data folder, and `undo: herm undo <id>` is printed: it works with this data folder. A text that you edited and that couldn't be sent is kept too, and its path is printed.",
      ],
    },
    {
      title: "Who changed what",
      blocks: [
        "Every change is recorded in the data folder before it is sent: who, when, the command, the reason (`--reason`, or HERM_REASON), what was there and what came of it. What can't be recorded isn't sent (6), but for a pause, which warns; what came of it and can't be written any more is a warning. `herm history` lists the changes, and shows one whole by its id. It knows what went through this data folder, and nothing else.",
      ],
    },
    {
      title: "When somebody else changes the same",
      blocks: [
        "`update`, `delete`, `apply`, `copy` and `undo` read once more right before they send, when what was there is on the disk, and again before they repeat a request after more than a second. What they would undo (of a deletion: any field) and what has changed since they planned is not sent: `changed meanwhile: schedule`, 6 for one automation, a failed row among several.",
        "The API takes no condition with a change, so a window of one round trip stays: what somebody changes within it is overwritten unseen. `pause` and `resume` overwrite nothing else, and don't wait for this.",
      ],
    },
    {
      title: "When the network fails",
      blocks: [
        "Reads, updates, pauses, resumes and deletes are sent again until they are settled: for up to `--max-wait` (60 s), each attempt for up to `--timeout` (30 s), and never before a `Retry-After` has passed. Where no answer comes for 5 s it says so, and of many which deployment gives none: with `--max-wait 5s` the same command passes it over sooner (8).",
        "A create, a trigger and a message are sent at most once. Where the answer is lost, herm looks on the server for 15 s whether it took effect, and says so: `confirmed by reading back`. What can't be established ends with 12, with the command that checks and the command that undoes; it is never told as failed.",
        "A later `create`, `copy` or `apply` of the same, with the same data folder, waits for what is still under way. From another machine, or for a server that carries out a request more than 15 s late, nothing is promised.",
        "An event stream goes on where it was cut, with no line lost or shown twice.",
      ],
    },
    {
      title: "When an API says done and isn't",
      blocks: [
        "A success is believed only where it shows what was sent. What the answer to a create or a change lacks, such as the instructions, is read at once; what differs is read again after 0.5, 1.5 and 3.5 s. Then it is `the API answered, but didn't change it`: 1, or a failed row among several.",
      ],
    },
    {
      title: "When two run at once",
      blocks: [
        "With one data folder `create`, `copy` and `apply` take turns in a deployment, from listing what is there to sending what is missing, so that two of them create nothing twice: the second finds what the first created. They say so when they wait, and give up after `--max-wait` with 6. `catch-up` takes turns with itself, so that nothing is started twice. `undo` waits for a change that is still being sent. `pause` never waits.",
        "Two machines can't be kept apart. After creating, also again by `undo`, they list once more, name what now exists twice, and end with 8; so does `catch-up` with what was started twice. To delete such copies:",
        {
          commands: [
            [
              "herm automations apply --file herm.yaml --remove-twins",
              "plans to delete what is equal in name, schedule, instructions and enabled, each in a thread of its own; the oldest stays, and where that can't be told nothing is done",
            ],
          ],
        },
      ],
    },
    {
      title: "When it is interrupted",
      blocks: [
        "At the first Ctrl-C nothing new is started, and what is in flight is finished, recorded and told. Running the same `pause`, `resume`, `copy`, `apply` or `undo` again finishes the job, even after a power cut: the ledger of an incident is on the disk before the first change.",
      ],
    },
  ],
  see: ["exit-codes", "incidents", "manifests"],
};
