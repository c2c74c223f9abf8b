import type { PromptChoice, Prompts, TextVerdict } from "../../src/context/prompts.js";

/**
 * Prompts answered from a list, in order. They refuse the same answers as the real prompt: one that fails the
 * question's own validation, or a choice that doesn't exist, fails the test with the reason. A function as the answer
 * to a yes-or-no question is called when it is asked, to act while the person thinks.
 */
export function scriptedPrompts(answers: readonly unknown[]): Prompts {
  const left = [...answers];
  const next = (message: string): unknown => {
    if (left.length === 0) throw new Error(`nobody answered the question "${message}"`);
    return left.shift();
  };
  const text = async (question: {
    message: string;
    validate?(text: string): TextVerdict | Promise<TextVerdict>;
    preview?(text: string): string | Promise<string>;
  }): Promise<string> => {
    const answer = String(next(question.message));
    // The real prompt makes a preview safe, so an escape in it would be seen as text.
    if ((await question.preview?.(answer))?.includes("\x1b")) throw new Error("a preview is plain text");
    const verdict = (await question.validate?.(answer)) ?? true;
    if (verdict !== true) throw new Error(`the prompt "${question.message}" refused "${answer}": ${verdict}`);
    return answer;
  };
  return {
    input: async (question) => text(question),
    multiline: async (question) => text(question),
    password: async (question) => text(question),
    confirm: async (question) => {
      const answer = next(question.message);
      return (typeof answer === "function" ? await answer() : answer) === true;
    },
    pick: async (question) => choose(question.choices, next(question.message), question.message),
    pickSeveral: async <T>(question: { message: string; choices: PromptChoice<T>[] }) => {
      const wanted = next(question.message);
      if (!Array.isArray(wanted)) throw new Error(`"${question.message}" wants a list of names`);
      return wanted.map((name) => choose(question.choices, name, question.message));
    },
    edit: async (question) => {
      const edit = next("edit");
      return typeof edit === "function" ? String(edit(question.text)) : String(edit);
    },
  };
}

function choose<T>(choices: readonly PromptChoice<T>[], wanted: unknown, message: string): T {
  const choice = choices.find((each) => each.name.includes(String(wanted)) || each.value === wanted);
  if (choice === undefined)
    throw new Error(`"${message}" has no choice "${wanted}": ${choices.map((each) => each.name).join(", ")}`);
  return choice.value;
}
