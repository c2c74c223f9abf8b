import type { Context } from "../../context/context.js";
import { formatDuration } from "../../output/duration.js";
import { safe } from "../../output/safe.js";
import { loadStyle, type Style } from "../../output/style.js";
import { openNonBlockingWriter } from "../../output/terminal/non-blocking-writer.js";
import { Ticker } from "../../output/terminal/ticker.js";
import { cut } from "../../output/width.js";

interface Shown {
  kind: string;
  /** Milliseconds since 1970. */
  at: number;
  describe(): { subject: string; detail?: string | undefined; tookMs?: number };
}

const widest = 200;

const kindWidth = 9;

/** The lines that a server in the foreground prints on stderr. */
interface Activity {
  show(activity: Shown): void;
  /** Starts writing. Call it after the line with the server's address is printed. */
  open(): void;
  close(): void;
}

export async function createActivity({ io }: Pick<Context, "io">): Promise<Activity> {
  const style = await loadStyle(io, "stderr");
  const writer = openNonBlockingWriter(io.stderr);
  const ticker = new Ticker({
    write: writer.write,
    startTimer: (ms, fire) => {
      const timer = setTimeout(fire, ms).unref();
      return () => clearTimeout(timer);
    },
  });
  const width = io.stderrIsTty ? Math.min(io.columns, widest) : widest;
  let day = "";
  return {
    show: (activity) =>
      ticker.say(activity.kind, () => {
        const { date, text } = activityLine(activity, { style, width, day });
        day = date;
        return `${text}\n`;
      }),
    open: () => ticker.open(),
    close: () => {
      ticker.close();
      writer.close();
    },
  };
}

/** `09:00:03Z completed Local/Weekly report · 3 s`; includes the date if it isn't `day`. */
function activityLine(
  { kind, at, describe }: Shown,
  { style, width, day }: { style: Style; width: number; day: string },
): { date: string; text: string } {
  const [date = "", time = ""] = new Date(at).toISOString().split("T");
  const { subject, detail, tookMs } = describe();
  const facts = [subject, tookMs === undefined ? undefined : formatDuration(tookMs), detail];
  const when = `${day === date || day === "" ? "" : `${date} `}${time.slice(0, 8)}Z`;
  const what = facts.filter((fact) => fact !== undefined).join(" · ");
  const room = Math.max(width - when.length - kindWidth - 4, 1);
  const colour = kind === "failed" ? style.failing : kind === "asks" ? style.waiting : (text: string) => text;
  const text = `${when}  ${colour(kind.padEnd(kindWidth))}  ${cut(safe(what, "cell"), room)}`;
  return { date, text };
}
