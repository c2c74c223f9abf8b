import type { TopicText } from "../topic.js";

export const topicText: TopicText = {
  about: [
    "What herm says is true, it does nothing twice, and no text is lost: not when the network fails, when two people work at once, or when you change your mind.",
    {
      commands: [
        ["herm undo", "undoes the last change, after a question"],
        ["herm history", "who changed what from here, when and why"],
      ],
    },
    "After a failure, run the same command again: it finishes what was cut off.",
  ],
  sections: [
    {
      title: "Undo and history",
      blocks: [
        "Before a change is sent, it is recorded in the data folder: who, when, the command, the reason (`--reason INC-42` or HERM_REASON), and what was there before. What can be undone prints how: `undo: herm undo c_7f3kq9`. A change that can't be recorded isn't sent (6); only a pause is, with a warning. Changes made elsewhere aren't in the history.",
        "A text that you edited and couldn't send is saved too: `your text is saved in …/texts/…`.",
      ],
    },
    {
      title: "When somebody else changes the same",
      blocks: [
        "`update`, `delete`, `apply`, `copy` and `undo` read once more right before they send. What somebody has changed since is not overwritten: `changed since: schedule`, 6 for one automation, a failed row among several. The API takes no condition with a change, so the time of one round trip stays unprotected.",
        "`pause` and `resume` overwrite nothing else and skip this check: what was renamed since is still paused.",
      ],
    },
    {
      title: "When the network fails",
      blocks: [
        "Reads, updates, pauses, resumes and deletes are sent again for up to `--max-wait` (60 s), each attempt for up to `--timeout` (30 s), and never before a `Retry-After`.",
        "On a terminal, one of many deployments that gives no answer, or only errors, for 5 s while others answer is skipped and listed (8); a `copy` ends (7). With `--max-wait` or `--timeout`, and in a pipe, it is waited for like any other.",
        "A create, a trigger and a message are sent at most once. If the answer is lost, herm checks for 15 s whether it took effect: `confirmed by checking: auto_5cT2k9`. If it can't tell, it ends with 12 and prints the commands that check and undo it. A later `create`, `copy` or `apply` of the same, with the same data folder, waits for it.",
        "After `connection lost, reconnecting` an event stream continues where it was cut: no line is lost or shown twice.",
      ],
    },
    {
      title: "When an API says done and isn't",
      blocks: [
        "herm believes a success only if the answer shows what was sent. Otherwise it reads again, up to 3.5 s later, before it says `the API answered, but didn't change it`: 1, or a failed row among several.",
      ],
    },
    {
      title: "When two run at once",
      blocks: [
        "With one data folder, `create`, `copy` and `apply` work in a deployment one after the other, so nothing is created twice. They say what they wait for, `another herm (ada) applies to Acme since 10:09`, and give up after `--max-wait` (6). `catch-up` waits for another `catch-up`, `undo` for a change still being sent, and `pause` for nothing.",
        "Two machines can't be kept apart. After creating, herm lists once more, names what now exists twice, and ends with 8. To delete the copies:",
        {
          commands: [
            [
              "herm automations apply --file herm.yaml --remove-twins",
              "deletes those equal in name, schedule, instructions and enabled, each in a thread of its own; the oldest stays",
            ],
          ],
        },
      ],
    },
    {
      title: "When it is interrupted",
      blocks: [
        "After the first Ctrl-C nothing new is started; what is being sent is finished and recorded. Run the same `pause`, `resume`, `copy`, `apply` or `undo` again to finish the rest, even after a power cut: cut off at `200 of 371 paused`, the same command pauses the other 171.",
      ],
    },
  ],
  see: ["exit-codes", "incidents", "manifests"],
};
