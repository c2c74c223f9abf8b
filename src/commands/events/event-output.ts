import type { RawEvent, Run } from "../../api/types.js";
import { commandLine } from "../../command-line/next-command.js";
import type { Context } from "../../context.js";
import { createPrinter, type Printer } from "../../output/printer.js";
import { columnsNow } from "../../output/terminal/watch.js";
import { formatLocalBriefly } from "../../output/time.js";
import { textOrDash } from "../../output/value-text.js";
import { readEvent, runOf } from "../../run-view/event.js";
import { rawEventLines } from "../../run-view/event-line.js";
import { eventRow } from "../../run-view/event-text.js";
import { MultiRun, type RunHead } from "../../run-view/multi-run.js";
import { Painter } from "../../run-view/painter.js";
import { readRunAt, searchRun } from "../../runs/find.js";
import { cachedRun, cacheRuns } from "../../runs/run-cache.js";

interface EventDeployment {
  deployment_id: string;
  name?: string;
}

export interface EventOutput {
  show(events: readonly RawEvent[], deployment: EventDeployment): Promise<void>;
  note(text: string): void;
  warn(text: string): void;
  readonly isClosed: boolean;
  close(): Promise<void>;
}

export async function openOutput(context: Context): Promise<EventOutput> {
  const printer = await createPrinter(context);
  return printer.isForPerson ? flowingOutput(context, printer) : lineOutput(printer);
}

function lineOutput(printer: Printer): EventOutput {
  return {
    async show(events, { deployment_id, name }) {
      const deployment = name === undefined ? undefined : { id: deployment_id, name };
      await printer.format.events?.(printer, {
        jsonLines: () => rawEventLines(events, { githubActions: printer.githubActions, deployment }),
        table: () =>
          printer.out(events.map((event) => `${eventRow(readEvent(event), deployment?.id)}\n`).join("")),
      });
    },
    note: (text) => printer.note(text),
    warn: (text) => printer.warn(text),
    get isClosed() {
      return printer.closed;
    },
    close: async () => undefined,
  };
}

function flowingOutput(context: Context, printer: Printer): EventOutput {
  const { io } = context;
  const view = new MultiRun();
  let isOver = false;
  const painter = new Painter({
    printer,
    columns: () => columnsNow(io),
    now: () => context.monotonic(),
    sleep: (ms, signal) => context.sleep(ms, signal),
    frame: (now) => {
      const options = { columns: columnsNow(io), style: printer.style, now };
      const frame = isOver ? view.lastFrame(options) : view.frame(options);
      return io.canRedraw ? frame : { ...frame, live: [] };
    },
  });
  const namesOf = new Map<string, RunNames>();
  return {
    async show(batch, deployment) {
      const { deployment_id } = deployment;
      const names = namesOf.get(deployment_id) ?? new RunNames(context, deployment_id);
      namesOf.set(deployment_id, names);
      const events = batch.map(readEvent);
      const runs = new Set(events.flatMap((event) => runOf(event) ?? []));
      const found = new Map<string, RunName | undefined>();
      await Promise.all([...runs].map(async (run_id) => found.set(run_id, await names.find(run_id))));
      for (const event of events) {
        const run_id = runOf(event) ?? "";
        const head = headOf(context, { run_id, found: found.get(run_id), deployment });
        const key = `${deployment_id}/${run_id}`;
        view.add({ event, deployment: deployment.name, key, head, now: context.monotonic() });
      }
      await painter.changed();
    },
    note: (text) => void painter.note(text),
    warn: (text) => void painter.note(`warning: ${text}`),
    get isClosed() {
      return printer.closed;
    },
    close() {
      isOver = true;
      return painter.end([]);
    },
  };
}

function headOf(
  context: Context,
  { run_id, found, deployment }: { run_id: string; found: RunName | undefined; deployment: EventDeployment },
): RunHead {
  const now = context.serverNow();
  const started_at = found?.started_at;
  const time = formatLocalBriefly(started_at === undefined ? now : new Date(started_at), now);
  const name = found === undefined ? [] : [textOrDash(found.name)];
  const what = [deployment.name ?? [], ...name].flat().join("/");
  const answer = commandLine(context, ["runs", "answer", `${deployment.deployment_id}/${run_id}`]);
  return { title: `${time} ${what}`.trimEnd(), run_id, answer };
}

interface RunName {
  name: string | null | undefined;
  started_at: string | undefined;
}

/** Limit of one request in milliseconds. */
const maxWaitMs = 2_000;
/** Requests for one run: it is of an automation that is running, or ran last. */
const requestLimit = 24;
const mostKnown = 5_000;

/** Finds the automations of a stream's runs: events don't say. */
class RunNames {
  readonly #asked = new Map<string, Promise<RunName | undefined>>();

  constructor(
    private readonly context: Context,
    private readonly deployment_id: string,
  ) {}

  /** Never throws; looks for each run once. */
  find(run_id: string): Promise<RunName | undefined> {
    const asked = this.#asked.get(run_id) ?? this.#findRun(run_id).catch(() => undefined);
    if (this.#asked.size >= mostKnown) this.#asked.clear();
    this.#asked.set(run_id, asked);
    return asked;
  }

  async #findRun(run_id: string): Promise<RunName | undefined> {
    const { settings, signal } = this.context;
    const client = await this.context.client();
    const options = { client, run_id, signal, maxWaitMs, requestLimit, atOnce: 1 };
    const cached = cachedRun(settings, run_id);
    const isHere = cached?.deployment_id === this.deployment_id;
    const found = await (isHere ? readRunAt(options, cached) : searchRun(options, this.deployment_id));
    if (found === undefined) return undefined;
    const { deployment_id, automation, run } = found;
    const { automation_id, name, recent_runs } = automation;
    await cacheRuns(
      settings,
      recent_runs.toReversed().map((recent) => ({ run_id: recent.run_id, deployment_id, automation_id })),
    );
    const nameOf = ({ started_at }: Run): RunName => ({ name, started_at: started_at ?? undefined });
    for (const recent of recent_runs) this.#asked.set(recent.run_id, Promise.resolve(nameOf(recent)));
    return nameOf(run);
  }
}
