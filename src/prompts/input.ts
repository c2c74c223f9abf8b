import {
  createPrompt,
  isBackspaceKey,
  isEnterKey,
  isTabKey,
  makeTheme,
  useEffect,
  useKeypress,
  usePrefix,
  useState,
} from "@inquirer/core";
import { safe } from "../output/safe.js";
import { cut } from "../output/width.js";
import type { TextVerdict } from "../prompts.js";
import { useShownAgain } from "./going-on.js";
import {
  keysLine,
  noteLines,
  type PromptLook,
  promptTheme,
  questionText,
  refusalLines,
  type Typed,
} from "./look.js";
import { isLong, leaveWarning } from "./typed.js";

export interface InputQuestion {
  message: string;
  default?: string | undefined;
  prefill?: string | undefined;
  validate?: ((text: string) => TextVerdict | Promise<TextVerdict>) | undefined;
  preview?: ((text: string) => string | Promise<string>) | undefined;
  typed: Typed;
  look: PromptLook;
  leave(): void;
}

const mostLinesBelow = 6;
const keys = [
  ["⏎", "done"],
  ["esc", "leaves"],
] as const;

/** One line of text with what it means shown below while it is typed. inquirer's own input has no room for a preview. */
export const askInput = createPrompt<string, InputQuestion>((question, done) => {
  const { look } = question;
  const theme = makeTheme(promptTheme(look));
  const [status, setStatus] = useState<"idle" | "loading" | "done" | "left">("idle");
  const [value, setValue] = useState("");
  const [fallback, setFallback] = useState(question.default ?? "");
  const [refusal, setRefusal] = useState("");
  const [preview, setPreview] = useState("");
  const prefix = usePrefix({ status: status === "left" ? "idle" : status, theme });
  useShownAgain();
  const answer = value || fallback;

  useEffect((line) => {
    const { prefill = "" } = question;
    line.write(prefill);
    setValue(prefill);
    question.typed.text = () => prefill;
  }, []);

  useEffect(() => {
    let isStale = false;
    const show = (text: string) => {
      if (!isStale) setPreview(text);
    };
    previewOf(question, answer).then(show, () => show(""));
    return () => {
      isStale = true;
    };
  }, [answer]);

  useKeypress(async (key, line) => {
    if (status !== "idle") return;
    if (isEnterKey(key)) {
      setStatus("loading");
      const verdict = (await question.validate?.(answer)) ?? true;
      if (verdict === true) {
        setValue(answer);
        setStatus("done");
        return done(answer);
      }
      line.write(value);
      setRefusal(verdict);
      setStatus("idle");
    } else if (isTabKey(key)) {
      line.clearLine(0);
      if (value !== "" || safe(fallback, "cell") !== fallback) return line.write(value);
      line.write(fallback);
      setValue(fallback);
    } else if (key.name === "escape") {
      if (isLong(value) && refusal !== leaveWarning) return setRefusal(leaveWarning);
      setStatus("left");
      question.leave();
    } else if (isBackspaceKey(key) && value === "") {
      setFallback("");
    } else {
      setValue(line.line);
      const typed = line.line;
      question.typed.text = () => typed;
      setRefusal("");
    }
  });

  const message = theme.style.message(
    questionText(question.message, look),
    status === "done" ? status : "idle",
  );
  if (status === "left") return `${prefix} ${message}`;
  if (status === "done") return `${prefix} ${message} ${theme.style.answer(cutToLine(value, look))}`;
  const shownFallback =
    value === "" && fallback !== "" ? `${theme.style.defaultAnswer(cutToLine(fallback, look))} ` : "";
  const below =
    refusal === ""
      ? noteLines(preview, look, mostLinesBelow).map(theme.style.help)
      : refusalLines(refusal, look);
  const shown = `${prefix} ${message} ${shownFallback}${safe(value, "cell")}`;
  return [shown, [...below.filter((line) => line !== ""), keysLine(keys, look)].join("\n")];
});

async function previewOf(question: InputQuestion, text: string): Promise<string> {
  return question.preview === undefined ? "" : question.preview(text);
}

function cutToLine(text: string, look: PromptLook): string {
  return cut(safe(text, "cell"), Math.max(8, look.columns() - 4));
}
