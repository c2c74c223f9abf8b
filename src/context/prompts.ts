/** Text is printed through safe(). */
export interface PromptChoice<T> {
  name: string;
  value: T;
  description?: string;
  /** Text to search in place of the name and description. */
  search?: string;
}

/** Returns true, or the reason for refusing the text. */
export type TextVerdict = string | true;

/** Questions on stderr. Esc rejects with DeclinedError, Ctrl-C with InterruptedError. */
export interface Prompts {
  input(question: {
    message: string;
    /** Used for an empty answer; Tab copies it for editing. */
    default?: string;
    /** The initial text in the field, on terminals with cursor control. */
    prefill?: string;
    validate?(text: string): TextVerdict | Promise<TextVerdict>;
    preview?(text: string): string | Promise<string>;
    /** Saves what was typed if the question is interrupted, and reports the path. */
    savesText?: boolean;
    /** Rejects with the signal's reason when it aborts. */
    signal?: AbortSignal;
  }): Promise<string>;
  /** An empty last line ends the text, unless pasted; Ctrl-X opens the editor. Saves the text if interrupted. */
  multiline(question: {
    message: string;
    default?: string;
    validate?(text: string): TextVerdict | Promise<TextVerdict>;
  }): Promise<string>;
  password(question: { message: string }): Promise<string>;
  /** The default is no. Ignores keys typed before the question. */
  confirm(question: { message: string; default?: boolean }): Promise<boolean>;
  /** Esc first clears the search, then leaves. */
  pick<T>(question: { message: string; choices: PromptChoice<T>[] }): Promise<T>;
  pickSeveral<T>(question: { message: string; choices: PromptChoice<T>[] }): Promise<T[]>;
  /** Opens the user's editor. Throws DeclinedError for an empty file; saves changed text after a failure. */
  edit(question: { text: string }): Promise<string>;
}
