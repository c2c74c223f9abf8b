import { createHash } from "node:crypto";
import { join } from "node:path";
import { type CreatesToBe, IntentWaits } from "../../changes/intent-waits.js";
import { apiOfIntents } from "../../changes/once.js";
import type { Context } from "../../context.js";
import { NotPossibleError } from "../../errors.js";
import { unrecorded } from "../../files/file-error.js";
import type { HolderWords } from "../../files/lock.js";
import type { Printer } from "../../output/printer.js";
import { formatLocalBriefly } from "../../output/time.js";

/** What a command does in a deployment while it is alone there. */
type TurnWork = "apply" | "copy" | "create";

export interface TurnWish {
  deploymentId: string;
  /** What people call it. */
  deployment: string;
  work: TurnWork;
  /** What is about to be created there. */
  creates: CreatesToBe["creates"];
  printer: Pick<Printer, "note">;
}

/** Nobody else with this data folder creates or applies in the deployment until it is released. */
export interface Turn {
  /** More than once is as once. */
  release(): void;
}

const defaultWaitMs = 60_000;
/** A turn takes a few requests: a shorter wait is nobody's news. */
const untoldMs = 1_000;

/**
 * Takes a deployment's turn, which a list and what is sent by it have to be within (src/changes/README.md, "At most
 * once"): two runs at once would make everything twice. What another process may have made of the same, and left open,
 * shows in a list from then on. Waiting is told, and ends after `--max-wait` with NotPossibleError. A killed holder's turn
 * is over. `signal` ends the waiting.
 */
export async function takeTurn(
  context: Context,
  wish: TurnWish,
  signal: AbortSignal = context.signal,
): Promise<Turn> {
  const { deploymentId, creates } = wish;
  const origin = apiOfIntents(context);
  const waits = new IntentWaits(context);
  for (;;) {
    const turn = await hold(context, wish, { path: pathOf(context, { origin, deploymentId }), signal });
    const leftMs = waits.leftMs({ origin, deploymentId, creates });
    if (leftMs === 0) return turn;
    turn.release();
    await context.sleep(leftMs, signal);
  }
}

function hold(
  context: Context,
  { deployment, work, printer }: TurnWish,
  { path, signal }: { path: string; signal: AbortSignal },
): Promise<Turn> {
  const { files, flags } = context.settings;
  const { maxWaitMs = defaultWaitMs } = flags;
  const startedMs = context.monotonic();
  let isTold = false;
  const onHeld = (holder: HolderWords) => {
    const waitedMs = context.monotonic() - startedMs;
    const text = holderText(holder, { deployment, now: context.now() });
    if (waitedMs >= maxWaitMs) {
      throw new NotPossibleError(text, { hint: "run it again when that has ended; --max-wait waits longer" });
    }
    if (waitedMs >= untoldMs && !isTold) {
      isTold = true;
      printer.note(`${text}: waiting`);
    }
  };
  return new Promise((resolve, reject) => {
    const note = () => `${work} ${context.now().toISOString()}`;
    const whileHeld = () => new Promise<void>((release) => resolve({ release }));
    const options = { waitMs: Number.POSITIVE_INFINITY, signal, note, onHeld };
    const lock = async () => files.withLock(path, whileHeld, options);
    lock().catch((error: unknown) => reject(unrecorded(error)));
  });
}

/** `another herm (ada on night) applies to Acme since 10:09`. */
function holderText(
  { note, who }: HolderWords,
  { deployment, now }: { deployment: string; now: Date },
): string {
  const [work, at = ""] = note.split(" ");
  const what = work === "create" ? "creates in" : work === "copy" ? "copies to" : "applies to";
  const since = new Date(at);
  const when = Number.isNaN(since.getTime()) ? "" : ` since ${formatLocalBriefly(since, now)}`;
  return `${who} ${what} ${deployment}${when}`;
}

/** Ids are the server's: nothing in them may lead to another folder. */
function pathOf(
  { settings }: Pick<Context, "settings">,
  { origin, deploymentId }: { origin: string; deploymentId: string },
): string {
  const hash = createHash("sha256").update(`${origin} ${deploymentId}`).digest("hex").slice(0, 16);
  return join(settings.dataDir, "turns", `${deploymentId.replaceAll(/[^\w-]/g, "_").slice(0, 64)}.${hash}`);
}
