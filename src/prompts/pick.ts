import {
  createPrompt,
  isDownKey,
  isEnterKey,
  isSpaceKey,
  isTabKey,
  isUpKey,
  type KeypressEvent,
  useKeypress,
  usePagination,
  useState,
} from "@inquirer/core";
import type { PromptChoice } from "../context/prompts.js";
import { safe } from "../output/safe.js";
import { cut } from "../output/width.js";
import { choiceLine, findChoices, keysLine, linesOf, noteLines, type PromptDisplay } from "./display.js";
import { type PromptStatus, useHead } from "./typed-text.js";

interface PickQuestion {
  message: string;
  choices: readonly PromptChoice<number>[];
  /** True if several can be marked; Enter accepts those or, if there are none, the current one. */
  isSeveral: boolean;
  display: PromptDisplay;
  leave(): void;
}

const mostRows = 10;
const descriptionRows = 2;

/**
 * A searchable list, for one or several choices. inquirer has none for several; its list for one loses an Enter right
 * after a letter, has no pages, and restarts the search on an arrow key. Returns values in the choices' order.
 */
export const askPick = createPrompt<number[], PickQuestion>((question, done) => {
  const { choices, isSeveral, display } = question;
  const [status, setStatus] = useState<PromptStatus>("idle");
  const [term, setTerm] = useState("");
  const [active, setActive] = useState(0);
  const [picked, setPicked] = useState<ReadonlySet<number>>(new Set());
  const { theme, head } = useHead(question, status);
  const found = findChoices(choices, term);
  const index = Math.max(0, Math.min(active, found.length - 1));
  const current = found[index];
  const title = `${head} ${safe(term, "cell")}`;
  const room = roomBelow(title, question);

  useKeypress((key, readline) => {
    if (status !== "idle") return;
    if (isEnterKey(key)) {
      readline.write(term);
      const chosen = picked.size === 0 && current !== undefined ? new Set([current.value]) : picked;
      if (chosen.size === 0) return;
      setPicked(chosen);
      setStatus("done");
      return done(choices.filter(({ value }) => chosen.has(value)).map(({ value }) => value));
    }
    const marks = isTabKey(key) || (isSpaceKey(key) && term === "");
    const moved = movedTo(key, { index, count: found.length, page: room.page });
    if (moved !== undefined) setActive(moved);
    else if (isSeveral && (marks || (key.ctrl && key.name === "t"))) {
      setPicked(toggled(picked, marks ? [current] : found));
    } else if (key.name === "escape" && term === "") {
      setStatus("left");
      return question.leave();
    } else if (key.name === "escape") {
      setTerm("");
      setActive(0);
      return readline.clearLine(0);
    } else if (!isTabKey(key)) {
      if (readline.line === term) return;
      setTerm(readline.line);
      return setActive(0);
    }
    readline.clearLine(0);
    readline.write(term);
  });

  if (status === "left") return head;
  if (status === "done") {
    const names = choices.filter(({ value }) => picked.has(value)).map(({ name }) => safe(name, "cell"));
    return `${head} ${theme.style.answer(cut(names.join(", "), Math.max(8, display.columns() - 4)))}`;
  }
  const page = usePagination({
    items: found,
    active: index,
    renderItem: ({ item, isActive }) => {
      const mark = picked.has(item.value) ? "◉ " : "○ ";
      const name = choiceLine(item.name, display);
      const shown = isActive ? theme.style.highlight(name) : name;
      return `${isActive ? theme.icon.cursor : " "} ${isSeveral ? mark : ""}${shown}`;
    },
    pageSize: room.page,
    loop: false,
  });
  const below = [
    found.length === 0 ? theme.style.error("nothing matches") : page,
    ...noteLines(current?.description ?? "", display, room.description).map(theme.style.help),
    theme.style.help(countText(question, { found, picked, page: room.page })),
    keysLine(keysOf(question, term), display),
  ];
  return [title, below.filter((line) => line !== "").join("\n")];
});

/** How many rows of choices and of a description fit on the screen. */
function roomBelow(title: string, { choices, display }: PickQuestion): { page: number; description: number } {
  // The count and the keys are below it, and the last row stays empty.
  const room = display.rows() - linesOf(title, display) - 3;
  const isDescribed = choices.some(({ description }) => description !== undefined);
  const description = isDescribed && room > descriptionRows + 2 ? descriptionRows : 0;
  return { page: Math.max(1, Math.min(mostRows, room - description)), description };
}

function movedTo(
  key: KeypressEvent,
  { index, count, page }: { index: number; count: number; page: number },
): number | undefined {
  const steps: Record<string, number> = { pageup: -page, pagedown: page, home: -count, end: count };
  const step = isUpKey(key, ["emacs"]) ? -1 : isDownKey(key, ["emacs"]) ? 1 : steps[key.name];
  return step === undefined ? undefined : Math.max(0, Math.min(count - 1, index + step));
}

function keysOf({ isSeveral }: PickQuestion, term: string): (readonly [string, string])[] {
  const marking = [
    [term === "" ? "space" : "tab", "mark"],
    ["ctrl-t", "all"],
  ] as const;
  return [
    ["type", "to search"],
    ["↑↓", "move"],
    ...(isSeveral ? marking : []),
    ["⏎", "take"],
    ["esc", term === "" ? "leaves" : "clears"],
  ];
}

function countText(
  { choices, isSeveral }: PickQuestion,
  { found, picked, page }: { found: readonly unknown[]; picked: ReadonlySet<number>; page: number },
): string {
  if (isSeveral) return `${picked.size} of ${choices.length} marked`;
  return choices.length > page ? `${found.length} of ${choices.length}` : "";
}

function toggled(
  picked: ReadonlySet<number>,
  given: readonly (PromptChoice<number> | undefined)[],
): ReadonlySet<number> {
  const values = new Set(given.flatMap((choice) => choice?.value ?? []));
  const isUnmarking = [...values].every((value) => picked.has(value));
  return new Set(isUnmarking ? [...picked].filter((value) => !values.has(value)) : [...picked, ...values]);
}
