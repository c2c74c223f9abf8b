import {
  createPrompt,
  isDownKey,
  isEnterKey,
  isSpaceKey,
  isUpKey,
  makeTheme,
  useKeypress,
  usePagination,
  usePrefix,
  useState,
} from "@inquirer/core";
import { safe } from "../output/safe.js";
import { cut } from "../output/width.js";
import type { Choice } from "../prompts.js";
import {
  choiceLine,
  findChoices,
  keysLine,
  noteLines,
  type PromptLook,
  promptTheme,
  questionText,
} from "./look.js";

export interface PickQuestion {
  message: string;
  choices: readonly Choice<number>[];
  /** Several are marked with Space; else Enter takes the current one. */
  isSeveral: boolean;
  look: PromptLook;
}

const pageSize = 10;

/**
 * A list that is searched by typing, for one or, marked with Space, for several: inquirer has no searchable list of
 * several, and its searchable list loses an Enter that comes right after a letter. Gives the values in the choices' order.
 */
export const askPick = createPrompt<number[], PickQuestion>((question, done) => {
  const { choices, isSeveral, look } = question;
  const theme = makeTheme(promptTheme(look));
  const [status, setStatus] = useState<"idle" | "done">("idle");
  const [term, setTerm] = useState("");
  const [active, setActive] = useState(0);
  const [picked, setPicked] = useState<ReadonlySet<number>>(new Set());
  const [refusal, setRefusal] = useState("");
  const prefix = usePrefix({ status, theme });
  const found = findChoices(choices, term);
  const current = found[Math.min(active, found.length - 1)];

  useKeypress((key, readline) => {
    if (status !== "idle") return;
    setRefusal("");
    if (isEnterKey(key)) {
      readline.write(term);
      const chosen = isSeveral || current === undefined ? picked : new Set([current.value]);
      if (chosen.size === 0) return setRefusal(isSeveral ? "mark at least one with space" : "");
      setPicked(chosen);
      setStatus("done");
      return done(choices.filter(({ value }) => chosen.has(value)).map(({ value }) => value));
    }
    if (isUpKey(key) || isDownKey(key)) {
      const step = isUpKey(key) ? -1 : 1;
      setActive(Math.max(0, Math.min(found.length - 1, active + step)));
    } else if (isSeveral && (isSpaceKey(key) || (key.ctrl && key.name === "a"))) {
      setPicked(toggled(picked, isSpaceKey(key) ? [current] : found));
    } else {
      setTerm(readline.line);
      setActive(0);
      return;
    }
    readline.clearLine(0);
    readline.write(term);
  });

  const message = theme.style.message(questionText(question.message, look), status);
  if (status === "done") {
    const names = choices.filter(({ value }) => picked.has(value)).map(({ name }) => safe(name, "cell"));
    return `${prefix} ${message} ${theme.style.answer(cut(names.join(", "), Math.max(8, look.columns() - 4)))}`;
  }
  const page = usePagination({
    items: found,
    active: Math.max(0, found.indexOf(current ?? { name: "", value: -1 })),
    renderItem: ({ item, isActive }) => {
      const mark = picked.has(item.value) ? look.style.green("◉ ") : "○ ";
      const name = choiceLine(item.name, look);
      const shown = isActive ? theme.style.highlight(name) : name;
      return `${isActive ? theme.icon.cursor : " "} ${isSeveral ? mark : ""}${shown}`;
    },
    pageSize,
    loop: false,
  });
  const below = [
    found.length === 0 ? theme.style.error("nothing fits") : page,
    ...noteLines(current?.description ?? "", look, 2).map(theme.style.help),
    refusal === "" ? theme.style.help(countText(question, { found, picked })) : theme.style.error(refusal),
    keysLine(isSeveral ? severalKeys : oneKeys, look),
  ];
  return [`${prefix} ${message} ${safe(term, "cell")}`, below.filter((line) => line !== "").join("\n")];
});

const oneKeys = [
  ["type", "to search"],
  ["↑↓", "move"],
  ["⏎", "take"],
] as const;

const severalKeys = [
  ["↑↓", "move"],
  ["space", "mark"],
  ["ctrl-a", "all"],
  ["⏎", "done"],
] as const;

/** How many are marked; of one, how many of a long list fit what was typed. */
function countText(
  { choices, isSeveral }: PickQuestion,
  { found, picked }: { found: readonly unknown[]; picked: ReadonlySet<number> },
): string {
  if (isSeveral) return `${picked.size} of ${choices.length} marked`;
  return choices.length > pageSize ? `${found.length} of ${choices.length}` : "";
}

/** Marks those given, or unmarks them if all of them are marked. */
function toggled(
  picked: ReadonlySet<number>,
  given: readonly (Choice<number> | undefined)[],
): ReadonlySet<number> {
  const values = given.flatMap((choice) => (choice === undefined ? [] : [choice.value]));
  const isUnmarking = values.every((value) => picked.has(value));
  const next = new Set(picked);
  for (const value of values) {
    if (isUnmarking) next.delete(value);
    else next.add(value);
  }
  return next;
}
