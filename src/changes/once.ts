import type { Herm } from "../api/client.js";
import { AmbiguousError } from "../api/errors.js";
import type { RequestOptions } from "../api/request-options.js";
import type { Automation, AutomationFields, MessageAnswer, MessageFields } from "../api/types.js";
import type { Context } from "../context.js";
import { OutcomeUnknownError } from "../errors.js";
import { sha256 } from "../files/sha256.js";
import { schedulesEqual } from "../schedule/equal.js";
import type { ChangesContext } from "./changes-context.js";
import { confirmed } from "./confirm.js";
import { type Intent, IntentJournal, type OpenIntent } from "./journal.js";
import { interrupted, lossOf, unknownText } from "./lost-words.js";
import { readBack } from "./read-back.js";

export interface OnceVoice {
  /** An answer is lost, and whether the request took effect is being found out: for a person, on stderr. */
  lost(text: string): void;
  /** It took effect. */
  found(text: string): void;
  /** A command as a person can paste it. */
  commandLine(words: readonly string[]): string;
  /** Nothing more is sent. */
  end?(): void;
}

/** What was sent once, and how it is known that it took effect. */
export interface Sent<T> {
  value: T;
  /** The answer was lost and the effect was found on the server. */
  isReadBack: boolean;
}

/**
 * Sends the changes that must not be sent twice (src/changes/README.md, "At most once"): each at most once, its intent
 * on disk before, and read back when its outcome is lost. Throws OutcomeUnknownError, with the command that checks,
 * where reading back doesn't settle it; a second send never happens. `close` it when the command is done.
 */
export class OnceSender {
  readonly #context: ChangesContext;
  readonly #voice: OnceVoice;
  readonly #journal: IntentJournal;
  /** Intents of creates that weren't sent yet. */
  readonly #opened = new Map<CreateOnce, Promise<OpenIntent>>();

  constructor(context: ChangesContext, voice: OnceVoice) {
    this.#context = context;
    this.#voice = voice;
    this.#journal = new IntentJournal(context);
  }

  async close(): Promise<void> {
    const unsent = await Promise.allSettled(this.#opened.values());
    for (const opened of unsent) if (opened.status === "fulfilled") opened.value.close();
    await this.#journal.close();
    this.#voice.end?.();
  }

  /**
   * Opens the intent of a create that is sent soon; calls at the same time share one wait for the disk. `create` takes it if
   * it is given this very object; an intent that is never taken is closed with the sender.
   */
  async open(create: CreateOnce): Promise<void> {
    const opening = this.#open(createIntent(create));
    this.#opened.set(create, opening);
    await opening;
  }

  /**
   * `known`: the ids of all automations there, listed before this call, so that an older one isn't taken for ours.
   * `onSent` is called, perhaps twice, when the answer came, with that, or is lost: from then on nothing is sent, only looked
   * for.
   */
  async create(create: CreateOnce, onSent?: (answer?: Automation) => void): Promise<Sent<Automation>> {
    const { deploymentId, fields, known } = create;
    const client = await this.#context.client();
    const check = ["automations", "list", "-d", deploymentId, "--match", fields.name];
    const { value: answer, isReadBack } = await this.#send<Automation>({
      open: () => this.#intentOf(create),
      send: (options) => client.automations.create(deploymentId, fields, options),
      onLost: onSent,
      find: (options) => findCreated(client, { deploymentId, fields, known, options }),
      idOf: (automation) => automation.automation_id,
      check,
      called: create.called,
    });
    onSent?.(answer);
    try {
      const value = await confirmed(this.#context, { deploymentId, sent: fields, answer, kind: "create" });
      return { value, isReadBack };
    } catch (error) {
      throw error instanceof AmbiguousError ? this.#unknown(error.message, { check, error }) : error;
    }
  }

  /** `known`: the ids of its recent runs, read before this call. */
  async trigger({ deploymentId, automationId, known }: TriggerOnce): Promise<Sent<{ run_id: string }>> {
    const client = await this.#context.client();
    return this.#send<{ run_id: string }>({
      open: () => this.#open({ kind: "trigger", deployment_id: deploymentId, name: automationId }),
      send: (options) => client.automations.trigger(deploymentId, automationId, options),
      find: async (options) => {
        const { recent_runs } = await client.automations.get(deploymentId, automationId, options);
        return recent_runs.filter((run) => run.trigger === "manual" && !known.has(run.run_id));
      },
      idOf: (run) => run.run_id,
      check: ["runs", "list", `${deploymentId}/${automationId}`],
    });
  }

  /** `known`: how many user messages of this content the thread had before this call. */
  async message({ deploymentId, fields, threadId, runId, known }: MessageOnce): Promise<Sent<MessageAnswer>> {
    const client = await this.#context.client();
    return this.#send<MessageAnswer>({
      open: () =>
        this.#open({
          kind: "message",
          deployment_id: deploymentId,
          name: threadId,
          sha256: sha256(fields.content),
        }),
      send: (options) => client.deployments.messages.send(deploymentId, fields, options),
      find: async (options) => {
        const { messages } = await client.threads.get(deploymentId, threadId, options);
        const same = messages.filter(({ role, content }) => role === "user" && content === fields.content);
        return same
          .slice(known)
          .map(({ run_id }) => ({ run_id: run_id ?? runId, thread_id: threadId, status: "running" }));
      },
      idOf: (answer) => answer.run_id,
      check: ["runs", "list", "-d", deploymentId, "--since", "5m"],
    });
  }

  async #intentOf(create: CreateOnce): Promise<OpenIntent> {
    const opened = await this.#opened.get(create);
    if (opened === undefined) return this.#open(createIntent(create));
    this.#opened.delete(create);
    await opened.renew();
    return opened;
  }

  #open(intent: Omit<Intent, "origin">): Promise<OpenIntent> {
    return this.#journal.open({ ...intent, origin: apiOfIntents(this.#context) });
  }

  async #send<T>(work: Work<T>): Promise<Sent<T>> {
    this.#context.signal.throwIfAborted();
    const intent = await work.open();
    const renew = () => intent.renew().catch(() => undefined);
    try {
      const value = await work.send({ stopSignal: this.#context.signal, beforeResend: renew });
      intent.close();
      return { value, isReadBack: false };
    } catch (error) {
      if (!(error instanceof AmbiguousError)) {
        intent.close();
        throw error;
      }
      work.onLost?.();
      const value = await this.#settle(work, error);
      intent.close();
      return { value, isReadBack: true };
    }
  }

  async #settle<T>(work: Work<T>, error: AmbiguousError): Promise<T> {
    const check = this.#voice.commandLine(work.check);
    const named = (text: string) => (work.called === undefined ? text : `${work.called}: ${text}`);
    this.#voice.lost(named(`${lossOf(error)}; checking whether it took effect…`));
    const found = await readBack(this.#context, work.find).catch((reason) => {
      throw interrupted(reason, check);
    });
    const [value] = found;
    if (value === undefined || found.length > 1)
      throw this.#unknown(unknownText(error, found.map(work.idOf)), { check: work.check, error });
    this.#voice.found(named(`confirmed by reading back: ${work.idOf(value)}`));
    return value;
  }

  #unknown(
    message: string,
    { check, error }: { check: readonly string[]; error: AmbiguousError },
  ): OutcomeUnknownError {
    const hint = `look before you send it again: ${this.#voice.commandLine(check)}`;
    return new OutcomeUnknownError(message, { hint, cause: error });
  }
}

/** The API that intents are kept for; the local server's port may change, its data stays. */
export function apiOfIntents({ settings }: Pick<Context, "settings">): string {
  return settings.target().baseUrl ?? "local";
}

/** A create that is sent at most once; `known`: the ids of what is there. */
export interface CreateOnce {
  deploymentId: string;
  fields: AutomationFields;
  known: ReadonlySet<string>;
  /** What is told of it begins so where several are sent: `"Weekly" in Acme`. */
  called?: string | undefined;
}

interface TriggerOnce {
  deploymentId: string;
  automationId: string;
  known: ReadonlySet<string>;
}

interface MessageOnce {
  deploymentId: string;
  fields: MessageFields;
  /** The thread in which it would be found. */
  threadId: string;
  /** The run that it is meant for. */
  runId: string;
  known: number;
}

interface Work<T> {
  /** The intent is on disk when it resolves. */
  open(): Promise<OpenIntent>;
  send(options: RequestOptions): Promise<T>;
  onLost?: (() => void) | undefined;
  find(options: RequestOptions): Promise<T[]>;
  idOf(value: T): string;
  /** The command with which a person finds out. */
  check: readonly string[];
  called?: string | undefined;
}

function createIntent({ deploymentId, fields }: CreateOnce): Omit<Intent, "origin"> {
  const { name, schedule, instructions } = fields;
  return { kind: "create", deployment_id: deploymentId, name, schedule, sha256: sha256(instructions) };
}

async function findCreated(
  client: Herm,
  { deploymentId, fields, known, options }: CreateOnce & { options: RequestOptions },
): Promise<Automation[]> {
  const fitting: Automation[] = [];
  for await (const automation of client.automations.list(deploymentId, { limit: 100 }, options)) {
    if (known.has(automation.automation_id) || automation.name !== fields.name) continue;
    if (!schedulesEqual(automation.schedule ?? "", fields.schedule)) continue;
    const detail = await client.automations.get(deploymentId, automation.automation_id, options);
    if (detail.instructions === fields.instructions) fitting.push(detail);
  }
  return fitting;
}
