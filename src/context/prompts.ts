/** Text is shown through safe(). */
export interface PromptChoice<T> {
  name: string;
  value: T;
  description?: string;
  /** Text that is searched in place of name and description. */
  search?: string;
}

/** True, or why the text is refused. */
export type TextVerdict = string | true;

/** Questions on stderr. Esc rejects with DeclinedError, Ctrl-C with InterruptedError. */
export interface Prompts {
  input(question: {
    message: string;
    /** The meaning of an empty answer; Tab takes it over for editing. */
    default?: string;
    /** Text in the field, where a terminal can be drawn on. */
    prefill?: string;
    validate?(text: string): TextVerdict | Promise<TextVerdict>;
    preview?(text: string): string | Promise<string>;
    /** Saves the text when the question is interrupted, and says where. */
    savesText?: boolean;
    /** Rejects with the signal's reason when it aborts. */
    signal?: AbortSignal;
  }): Promise<string>;
  /** Ends at an empty last line (not within pasted text); Ctrl-X opens the editor. Interrupted, the text is saved. */
  multiline(question: {
    message: string;
    default?: string;
    validate?(text: string): TextVerdict | Promise<TextVerdict>;
  }): Promise<string>;
  password(question: { message: string }): Promise<string>;
  /** The default is no. Ignores what was typed before the question was there. */
  confirm(question: { message: string; default?: boolean }): Promise<boolean>;
  /** Esc clears the search, then leaves. */
  pick<T>(question: { message: string; choices: PromptChoice<T>[] }): Promise<T>;
  pickSeveral<T>(question: { message: string; choices: PromptChoice<T>[] }): Promise<T[]>;
  /** Opens the person's editor. Throws DeclinedError when it leaves nothing; a changed text is saved when it fails. */
  edit(question: { text: string }): Promise<string>;
}
