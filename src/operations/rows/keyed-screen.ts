import type { Context } from "../../context/context.js";
import { InterruptedError } from "../../errors/errors.js";
import { WatchScreen } from "../../output/terminal/watch.js";
import type { Key } from "../../prompts/key-decoder.js";
import { KeyReader } from "../../prompts/key-reader.js";

const quit = Symbol("quit");

/** A screen that reads keys from its first frame on: `q` and Ctrl-C abort the context's signal, Ctrl-Z gives the screen back. */
export class KeyedScreen extends WatchScreen {
  readonly #keys: KeyReader | undefined;
  #stopListening: (() => void) | undefined;

  constructor(private readonly context: Pick<Context, "io" | "signal" | "interrupt" | "jobControl">) {
    super(context.io);
    const { io, interrupt } = context;
    if (interrupt === undefined || !KeyReader.canRead(io)) return;
    const ends = () => interrupt(new InterruptedError("SIGHUP"));
    this.#keys = new KeyReader(io, { key: (key) => this.#press(key, interrupt), ends });
  }

  get endKey(): string {
    return this.#keys === undefined ? "Ctrl-C" : "q";
  }

  get isQuit(): boolean {
    return this.context.signal.reason === quit;
  }

  override async show(text: string, foot?: string): Promise<void> {
    const onStop = () => {
      this.#keys?.close();
      void super.close();
    };
    // First, so that whoever sees the frame can use its keys.
    this.#stopListening ??= this.context.jobControl?.listen({ onStop });
    this.#keys?.open();
    await super.show(text, foot);
  }

  override async close(): Promise<void> {
    this.#stopListening?.();
    this.#keys?.close();
    await super.close();
  }

  #press(key: Key, interrupt: NonNullable<Context["interrupt"]>): void {
    if (key.name === "ctrl-z") this.context.jobControl?.stop();
    else if (key.name === "ctrl-c") {
      // A second one is the terminal's, which ends what hangs.
      this.#keys?.close();
      interrupt(new InterruptedError());
    } else if (key.name === "text" && key.text === "q") interrupt(quit);
  }
}
