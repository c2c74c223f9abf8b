import type { Io, System } from "../context/context.js";
import type { Prompts } from "../context/prompts.js";
import { widestTerminal } from "../output/sink.js";
import type { GlobalFlags } from "../settings/settings.js";

/** Terminal types with colours; Windows usually sets no type. */
const colourful =
  /256|direct|^(?:xterm|screen|tmux|rxvt|alacritty|foot|st|mintty|konsole|gnome|iterm|contour|linux|ansi|cygwin)\b/;
const plainTerminals = new Set<string | undefined>(["dumb", "unknown", ""]);

/** Finds out once what each stream can show, and whether prompts are possible (src/output/README.md). */
export function createIo(
  system: System,
  { flags, isAccessible }: { flags: GlobalFlags | undefined; isAccessible: boolean },
): Io {
  const { env, isTty } = system;
  const { TERM: type, COLORTERM: colours } = env;
  const isPlain = plainTerminals.has(type);
  const hasColours = !isPlain && (type === undefined || colourful.test(type) || Boolean(colours));
  const forced = env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== "" && env.FORCE_COLOR !== "0";
  const refused = flags?.noColor === true || (env.NO_COLOR ?? "") !== "" || env.FORCE_COLOR === "0";
  const colour = (tty: boolean) => !refused && !(tty && isAccessible) && (forced || (tty && hasColours));
  const words = { stdout: isTty.stdout, stderr: isTty.stderr };
  const isAttended =
    isTty.stderr && (isAccessible || !isPlain) && (env.CI ?? "") === "" && flags?.noInput !== true;
  return {
    // Each is opened on first use.
    get stdin() {
      return system.stdin;
    },
    get stdout() {
      return system.stdout;
    },
    get stderr() {
      return system.stderr;
    },
    stdoutIsTty: isTty.stdout,
    stderrIsTty: isTty.stderr,
    canPrompt: isTty.stdin && isAttended,
    isAttended,
    colour: { stdout: colour(isTty.stdout), stderr: colour(isTty.stderr) },
    ...(isAccessible ? { inWords: words } : {}),
    canRedraw: !isAccessible && !isPlain,
    // In accessible mode, text is neither cut nor wrapped.
    columns: isAccessible ? widestTerminal : (system.columns() ?? 80),
  };
}

/** Loads prompts at the first question; refuses text that contains a key, and asks again. */
export function lazyPrompts(load: () => Promise<Prompts>, holdsKey: (text: string) => boolean): Prompts {
  let loaded: Promise<Prompts> | undefined;
  const prompts = () => (loaded ??= load());
  const keyless = <Question extends Pick<Parameters<Prompts["input"]>[0], "validate">>(
    question: Question,
  ) => ({
    ...question,
    validate: (text: string) =>
      holdsKey(text)
        ? "it contains an API key: anyone who reads it could use the key"
        : (question.validate?.(text) ?? true),
  });
  return {
    input: async (question) => (await prompts()).input(keyless(question)),
    multiline: async (question) => (await prompts()).multiline(keyless(question)),
    password: async (question) => (await prompts()).password(question),
    confirm: async (question) => (await prompts()).confirm(question),
    pick: async (question) => (await prompts()).pick(question),
    pickSeveral: async (question) => (await prompts()).pickSeveral(question),
    edit: async (question) => (await prompts()).edit(question),
  };
}
