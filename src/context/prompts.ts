/** Text is printed through safe(). */
export interface PromptChoice<T> {
  name: string;
  value: T;
  description?: string;
  /** The text to search instead of the name and description. */
  search?: string;
}

/** True, or the reason for a refusal. */
export type TextVerdict = string | true;

/** Questions on stderr. Esc rejects with DeclinedError, Ctrl-C with InterruptedError. */
export interface Prompts {
  input(question: {
    message: string;
    /** Used for an empty answer; Tab copies it for editing. */
    default?: string;
    /** The initial text in the field, if the terminal has cursor control. */
    prefill?: string;
    validate?(text: string): TextVerdict | Promise<TextVerdict>;
    preview?(text: string): string | Promise<string>;
    /** Saves the text of an interrupted question, and reports the path. */
    savesText?: boolean;
    /** Rejects with the signal's reason when it aborts. */
    signal?: AbortSignal;
  }): Promise<string>;
  /** An empty last line ends it, except in pasted text; Ctrl-X opens the editor. Interrupted text is saved. */
  multiline(question: {
    message: string;
    default?: string;
    validate?(text: string): TextVerdict | Promise<TextVerdict>;
  }): Promise<string>;
  password(question: { message: string }): Promise<string>;
  /** The default is no. Ignores keys typed before the question. */
  confirm(question: { message: string; default?: boolean }): Promise<boolean>;
  /** Esc clears the search, then leaves. */
  pick<T>(question: { message: string; choices: PromptChoice<T>[] }): Promise<T>;
  pickSeveral<T>(question: { message: string; choices: PromptChoice<T>[] }): Promise<T[]>;
  /** Opens the user's editor. Throws DeclinedError for an empty file; saves changed text after a failure. */
  edit(question: { text: string }): Promise<string>;
}
