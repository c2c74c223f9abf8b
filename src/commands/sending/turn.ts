import { join } from "node:path";
import { type ChangesToBe, IntentWaits } from "../../changes/intent-waits.js";
import { apiOfIntents } from "../../changes/once.js";
import type { Context } from "../../context.js";
import type { HolderWords } from "../../files/lock.js";
import { sha256 } from "../../files/sha256.js";
import type { Printer } from "../../output/printer.js";
import { formatLocalBriefly } from "../../output/time.js";
import { type Holding, hold, type Turn } from "./hold.js";

/** What a command does in a deployment while it is alone there. */
type TurnWork = "apply" | "copy" | "create" | "catch-up";

export interface TurnWish {
  deploymentId: string;
  /** What people call it. */
  deployment: string;
  work: TurnWork;
  /** What is about to be created there. */
  creates: NonNullable<ChangesToBe["creates"]>;
  printer: Pick<Printer, "note">;
}

/**
 * Takes a deployment's turn, which a list and what is sent by it have to be within (src/changes/README.md, "At most
 * once"): two runs at once would make everything twice. What another process may have made of the same, and left open,
 * shows in a list from then on. Waiting is told, and ends after `--max-wait` with NotPossibleError. A killed holder's turn
 * is over.
 */
export function takeTurn(context: Context, wish: TurnWish): Promise<Turn> {
  const { deploymentId, creates } = wish;
  const origin = apiOfIntents(context);
  const path = pathOf(context, { origin, place: deploymentId });
  return takePlace(context, wish, { path, changes: [{ origin, deploymentId, creates }] });
}

/**
 * Takes the turn of all that makes up for missed runs of the API: two at once would start everything twice. What another
 * process may have started of the same, and left open, shows in a reading from then on. Otherwise as `takeTurn`.
 */
export function takeCatchUpTurn(
  context: Context,
  {
    triggers,
    printer,
  }: { triggers: ReadonlyMap<string, ReadonlySet<string>>; printer: Pick<Printer, "note"> },
): Promise<Turn> {
  const origin = apiOfIntents(context);
  const wish = { work: "catch-up", deployment: "", printer } as const;
  const changes = [...triggers].map(([deploymentId, ids]) => ({ origin, deploymentId, triggers: ids }));
  const path = pathOf(context, { origin, place: "catch-up" });
  return takePlace(context, wish, { path, changes });
}

interface Place {
  /** What is locked. */
  path: string;
  changes: readonly ChangesToBe[];
}

async function takePlace(
  context: Context,
  { deployment, work, printer }: Pick<TurnWish, "deployment" | "work" | "printer">,
  { path, changes }: Place,
): Promise<Turn> {
  const waits = new IntentWaits(context);
  const holding: Holding = {
    path,
    printer,
    note: () => `${work} ${context.now().toISOString()}`,
    textOf: (holder) => holderText(holder, { deployment, now: context.now() }),
  };
  for (;;) {
    const turn = await hold(context, holding);
    const leftMs = Math.max(0, ...changes.map((each) => waits.leftMs(each)));
    if (leftMs === 0) return turn;
    turn.release();
    await context.sleep(leftMs, context.signal);
  }
}

const deeds: Record<TurnWork, string> = {
  apply: "applies to ",
  copy: "copies to ",
  create: "creates in ",
  "catch-up": "catches up",
};

/** `another herm (ada on night) applies to Acme since 10:09`. */
function holderText(
  { note, who }: HolderWords,
  { deployment, now }: { deployment: string; now: Date },
): string {
  const [work, at = ""] = note.split(" ");
  const what = deeds[Object.keys(deeds).find((each): each is TurnWork => each === work) ?? "apply"];
  const since = new Date(at);
  const when = Number.isNaN(since.getTime()) ? "" : ` since ${formatLocalBriefly(since, now)}`;
  return `${who} ${what}${deployment}${when}`;
}

/** Ids are the server's: nothing in them may lead to another folder. */
function pathOf(
  { settings }: Pick<Context, "settings">,
  { origin, place }: { origin: string; place: string },
): string {
  const hash = sha256(`${origin} ${place}`).slice(0, 16);
  return join(settings.dataDir, "turns", `${place.replaceAll(/[^\w-]/g, "_").slice(0, 64)}.${hash}`);
}
