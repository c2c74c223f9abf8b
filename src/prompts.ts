/** One choice of a list: what is shown, and what is given back. Text is shown through safe(). */
export interface PromptChoice<T> {
  name: string;
  value: T;
  /** Shown below the list while the choice is the current one, dimmed. */
  description?: string;
  /** Where what the person types is looked for, if not in name and description. */
  search?: string;
}

/** `true`, or why the text is refused: said in place, and asked again. */
export type TextVerdict = string | true;

/** The questions that a command may ask. Prompts go to stderr; Esc rejects with DeclinedError, Ctrl-C with InterruptedError. */
export interface Prompts {
  input(question: {
    message: string;
    /** What an empty answer means; shown as it is, and taken over for editing with Tab. */
    default?: string;
    /** What is in the field already, where a terminal can be drawn on. */
    prefill?: string;
    validate?(text: string): TextVerdict | Promise<TextVerdict>;
    /** Lines shown below the input while it is typed. */
    preview?(text: string): string | Promise<string>;
    /** What was typed is kept when the question is interrupted, and the error says where: for what is more than a name. */
    savesText?: boolean;
    /** Closes the question when it aborts: the promise then rejects with the signal's reason. */
    signal?: AbortSignal;
  }): Promise<string>;
  /**
   * Several lines; an empty last line ends it (not within pasted text), Ctrl-X opens the editor. Interrupted, the text is
   * kept, and the error says where.
   */
  multiline(question: {
    message: string;
    /** What an empty answer means, and what the editor opens with. */
    default?: string;
    validate?(text: string): TextVerdict | Promise<TextVerdict>;
  }): Promise<string>;
  password(question: { message: string }): Promise<string>;
  /** Without a default, no. What was typed before the question was there doesn't answer it. */
  confirm(question: { message: string; default?: boolean }): Promise<boolean>;
  /** Searchable list, one answer. Esc clears the search, then leaves. */
  pick<T>(question: { message: string; choices: PromptChoice<T>[] }): Promise<T>;
  /** Searchable list, one or more answers, in the order of the choices. */
  pickSeveral<T>(question: { message: string; choices: PromptChoice<T>[] }): Promise<T[]>;
  /**
   * Opens the person's editor on the text and gives back what was saved, to the letter. Nothing changes (DeclinedError)
   * when the editor leaves nothing; an editor that fails is an error, and a changed text is kept.
   */
  edit(question: { text: string }): Promise<string>;
}
