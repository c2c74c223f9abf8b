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
import {
  keysLine,
  noteLines,
  type PromptDisplay,
  promptTheme,
  questionText,
  refusalLines,
  type TypedText,
} from "./display.js";
import { useRepeatWhenContinued } from "./job-control.js";
import { isLong, leaveWarning } from "./typed-text.js";

export interface InputQuestion {
  message: string;
  default?: string | undefined;
  prefill?: string | undefined;
  validate?: ((text: string) => TextVerdict | Promise<TextVerdict>) | undefined;
  preview?: ((text: string) => string | Promise<string>) | undefined;
  typed: TypedText;
  display: PromptDisplay;
  leave(): void;
}

const mostLinesBelow = 6;
const keys = [
  ["⏎", "done"],
  ["esc", "leaves"],
] as const;

/** A line of text with its preview below: inquirer's own input has no room for one. */
export const askInput = createPrompt<string, InputQuestion>((question, done) => {
  const { display } = question;
  const theme = makeTheme(promptTheme(display));
  const [status, setStatus] = useState<"idle" | "loading" | "done" | "left">("idle");
  const [value, setValue] = useState("");
  const [fallback, setFallback] = useState(question.default ?? "");
  const [refusal, setRefusal] = useState("");
  const [preview, setPreview] = useState("");
  const prefix = usePrefix({ status: status === "left" ? "idle" : status, theme });
  useRepeatWhenContinued();
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
    const preview = async () => (await question.preview?.(answer)) ?? "";
    preview().then(show, () => show(""));
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
    questionText(question.message, display),
    status === "done" ? status : "idle",
  );
  if (status === "left") return `${prefix} ${message}`;
  if (status === "done") return `${prefix} ${message} ${theme.style.answer(cutToLine(value, display))}`;
  const shownFallback =
    value === "" && fallback !== "" ? `${theme.style.defaultAnswer(cutToLine(fallback, display))} ` : "";
  const below =
    refusal === ""
      ? noteLines(preview, display, mostLinesBelow).map(theme.style.help)
      : refusalLines(refusal, display);
  const shown = `${prefix} ${message} ${shownFallback}${safe(value, "cell")}`;
  return [shown, [...below.filter((line) => line !== ""), keysLine(keys, display)].join("\n")];
});

function cutToLine(text: string, display: PromptDisplay): string {
  return cut(safe(text, "cell"), Math.max(8, display.columns() - 4));
}
