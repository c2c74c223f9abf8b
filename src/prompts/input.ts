import {
  createPrompt,
  isBackspaceKey,
  isEnterKey,
  isTabKey,
  useEffect,
  useKeypress,
  useState,
} from "@inquirer/core";
import type { Prompts } from "../context/prompts.js";
import { safe } from "../output/safe.js";
import { cut } from "../output/width.js";
import { keysLine, noteLines, type PromptDisplay, refusalLines, type TypedText } from "./display.js";
import { isLong, leaveWarning, type PromptStatus, useHead } from "./typed-text.js";

interface InputQuestion extends Omit<Parameters<Prompts["input"]>[0], "signal" | "savesText"> {
  typed: TypedText;
  display: PromptDisplay;
  leave(): void;
}

const mostLinesBelow = 6;
const keys = [
  ["⏎", "done"],
  ["esc", "leaves"],
] as const;

/** A line of text with a preview below it, which inquirer's own input can't show. */
export const askInput = createPrompt<string, InputQuestion>((question, done) => {
  const { display } = question;
  const [status, setStatus] = useState<PromptStatus>("idle");
  const [value, setValue] = useState("");
  const [fallback, setFallback] = useState(question.default ?? "");
  const [refusal, setRefusal] = useState("");
  const [preview, setPreview] = useState("");
  const { theme, head } = useHead(question, status);
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

  if (status === "left") return head;
  if (status === "done") return `${head} ${theme.style.answer(cutToLine(value, display))}`;
  const shownFallback =
    value === "" && fallback !== "" ? `${theme.style.defaultAnswer(cutToLine(fallback, display))} ` : "";
  const below =
    refusal === ""
      ? noteLines(preview, display, mostLinesBelow).map(theme.style.help)
      : refusalLines(refusal, display);
  const shown = `${head} ${shownFallback}${safe(value, "cell")}`;
  return [shown, [...below.filter((line) => line !== ""), keysLine(keys, display)].join("\n")];
});

function cutToLine(text: string, display: PromptDisplay): string {
  return cut(safe(text, "cell"), Math.max(8, display.columns() - 4));
}
