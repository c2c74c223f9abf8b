import {
  createPrompt,
  isBackspaceKey,
  isEnterKey,
  type KeypressEvent,
  makeTheme,
  useKeypress,
  usePrefix,
  useRef,
  useState,
} from "@inquirer/core";
import { safe } from "../output/safe.js";
import { cut } from "../output/width.js";
import type { Verdict } from "../prompts.js";
import { keysLine, type PromptLook, promptTheme, questionText, refusalLines } from "./look.js";

export interface MultilineQuestion {
  message: string;
  /** What is there already: kept by an empty answer. */
  text: string;
  /** Why the text that is there was refused. */
  refusal: string;
  validate?: ((text: string) => Verdict | Promise<Verdict>) | undefined;
  look: PromptLook;
}

/** The text that was typed, or a wish to go on in the editor with what there is so far. */
export interface MultilineAnswer {
  text: string;
  wantsEditor: boolean;
}

/** Asks the terminal to mark pasted text, so that an empty line in it doesn't end the prompt; and to stop marking. */
export const markPaste = { on: "\x1b[?2004h", off: "\x1b[?2004l" };

interface Draft {
  lines: string[];
  /** The line being typed; readline has emptied its own by the time Enter is seen. */
  line: string;
  isPasting: boolean;
  lastKey: string | undefined;
}

const mostShownLines = 8;

/** Several lines of text: an empty line ends it, Ctrl-E goes on in the editor. */
export const askMultiline = createPrompt<MultilineAnswer, MultilineQuestion>((question, done) => {
  const { look } = question;
  const theme = makeTheme(promptTheme(look));
  const [status, setStatus] = useState<"idle" | "loading" | "done">("idle");
  const [shown, setShown] = useState({ lines: [""], line: "" });
  const [refusal, setRefusal] = useState(question.refusal);
  const [isInEditor, setIsInEditor] = useState(false);
  const draft = useRef<Draft>({ lines: [], line: "", isPasting: false, lastKey: undefined });
  const prefix = usePrefix({ status, theme });

  const finish = async (text: string) => {
    setStatus("loading");
    const verdict = (await question.validate?.(text)) ?? true;
    if (verdict === true) {
      setShown({ lines: text.split("\n"), line: "" });
      setStatus("done");
      return done({ text, wantsEditor: false });
    }
    setRefusal(verdict);
    setStatus("idle");
  };

  useKeypress(async (key, readline) => {
    if (status !== "idle") return;
    const now = draft.current;
    const isEmptyBefore = now.line === "";
    const isSecondHalf = key.name === "enter" && now.lastKey === "return";
    now.lastKey = key.name;
    if (isPasteMark(key)) {
      now.isPasting = key.name === "paste-start";
    } else if (key.ctrl && key.name === "e") {
      setIsInEditor(true);
      setStatus("done");
      return done({
        text: [...now.lines, now.line].join("\n").trimEnd() || question.text,
        wantsEditor: true,
      });
    } else if (isEnterKey(key)) {
      if (isSecondHalf) return;
      if (isEmptyBefore && !now.isPasting) return finish(now.lines.join("\n").trimEnd() || question.text);
      now.lines.push(now.line);
      now.line = "";
      setRefusal("");
    } else if (isBackspaceKey(key) && isEmptyBefore) {
      now.line = takeBack(now.lines);
      readline.write(now.line);
    } else {
      now.line = readline.line;
    }
    if (!now.isPasting) setShown({ lines: [...now.lines], line: now.line });
  });

  const message = theme.style.message(questionText(question.message, look), status);
  if (status === "done") {
    const answer = isInEditor ? "in the editor" : summary(shown.lines, look);
    return `${prefix} ${message} ${theme.style.answer(answer)}`;
  }
  const kept =
    question.text === ""
      ? ""
      : ` ${theme.style.defaultAnswer(`empty keeps: ${summary(question.text.split("\n"), look)}`)}`;
  const rows = shown.lines
    .slice(-mostShownLines)
    .map((line) => `  ${cut(safe(line, "cell"), look.columns() - 3)}`);
  const keys = keysLine(
    [
      ["empty line", "ends"],
      ["ctrl-e", "editor"],
    ],
    look,
  );
  const below = [...(refusal === "" ? [] : refusalLines(refusal, look)), keys];
  return [
    [`${prefix} ${message}${kept}`, ...rows, `  ${safe(shown.line, "cell")}`].join("\n"),
    below.join("\n"),
  ];
});

function isPasteMark(key: KeypressEvent): boolean {
  return key.name === "paste-start" || key.name === "paste-end";
}

/** The line above, to be typed on: only if readline takes it as it is. */
function takeBack(lines: string[]): string {
  const last = lines.at(-1);
  if (last === undefined || safe(last, "cell") !== last) return "";
  lines.pop();
  return last;
}

/** The first line, and how many there are. */
function summary(lines: readonly string[], look: PromptLook): string {
  const more = lines.length > 1 ? ` (${lines.length} lines)` : "";
  return cut(safe(lines[0] ?? "", "cell"), Math.max(8, look.columns() - 24)) + more;
}
