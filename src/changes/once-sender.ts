import type { HermClient } from "../api/client.js";
import { AmbiguousError } from "../api/errors.js";
import type { CallOptions } from "../api/request-options.js";
import type {
  Automation,
  AutomationFields,
  AutomationRef,
  MessageAnswer,
  MessageFields,
} from "../api/types.js";
import { InterruptedError, OutcomeUnknownError } from "../errors.js";
import { schedulesEqual } from "../schedule/compare.js";
import type { ChangesContext } from "./changes-context.js";
import { confirmChange } from "./confirm.js";
import type { SendHooks } from "./planned-change.js";
import { readBack } from "./read-back.js";

interface OnceListener {
  /** Reports that an answer is lost, and until when its effect is looked for; `label`: of what, where several are sent. */
  onLost(until: Date, label: string | undefined): void;
  onFound(text: string): void;
  commandLine(words: readonly string[]): string;
  onEnd?(): void;
}

/**
 * Sends the changes that must not be sent twice (src/changes/README.md, "At most once"): each at most once, and checked
 * when its outcome is lost. Throws OutcomeUnknownError, with the command that checks, where that doesn't settle it.
 * `close` it when the command is done.
 */
export class OnceSender {
  /** True once a lost answer was reported. */
  hasLost = false;

  constructor(
    private readonly context: ChangesContext,
    private readonly listener: OnceListener,
  ) {}

  close(): void {
    this.listener.onEnd?.();
  }

  /** `known`: ids of all automations there, listed before this call, so that an older one isn't taken for ours. */
  async create(create: CreateOnce): Promise<Automation> {
    const { deployment_id, fields, known, label } = create;
    const client = await this.context.client();
    const checkCommand = ["automations", "list", "-d", deployment_id, "--match", fields.name];
    const answer = await this.#send<Automation>({
      send: (options) => client.automations.create(deployment_id, fields, options),
      hooks: create,
      find: (options) => findCreated(client, { deployment_id, fields, known, options }),
      idOf: (automation) => automation.automation_id,
      checkCommand,
      label,
    });
    create.onCreated?.(answer.automation_id);
    try {
      return await confirmChange(this.context, { deployment_id, sent: fields, answer, kind: "create" });
    } catch (error) {
      throw error instanceof AmbiguousError
        ? this.#unknown(error.message, { check: checkCommand, error })
        : error;
    }
  }

  async trigger({ deployment_id, automation_id, known, ...hooks }: TriggerOnce): Promise<{ run_id: string }> {
    const client = await this.context.client();
    return this.#send<{ run_id: string }>({
      send: (options) => client.automations.trigger(deployment_id, automation_id, options),
      find: async (options) => {
        const { recent_runs } = await client.automations.get(deployment_id, automation_id, options);
        return recent_runs.filter((run) => run.trigger === "manual" && !known.has(run.run_id));
      },
      idOf: (run) => run.run_id,
      checkCommand: ["runs", "list", `${deployment_id}/${automation_id}`],
      hooks,
    });
  }

  /** `known`: the number of user messages of this content that the thread had before this call. */
  async message(message: MessageOnce): Promise<MessageAnswer> {
    const { deployment_id, fields, thread_id, run_id, known } = message;
    const client = await this.context.client();
    return this.#send<MessageAnswer>({
      send: (options) => client.deployments.messages.send(deployment_id, fields, options),
      find: async (options) => {
        const { messages } = await client.threads.get(deployment_id, thread_id, options);
        const same = messages.filter(({ role, content }) => role === "user" && content === fields.content);
        return same
          .slice(known)
          .map((sent) => ({ run_id: sent.run_id ?? run_id, thread_id, status: "running" }));
      },
      idOf: (answer) => answer.run_id,
      checkCommand: ["runs", "list", "-d", deployment_id, "--since", "5m"],
      hooks: message,
    });
  }

  async #send<T>(work: Work<T>): Promise<T> {
    this.context.signal.throwIfAborted();
    const { hooks } = work;
    const sentMs = this.context.monotonic();
    try {
      const beforeResend = async (state: { isLost: boolean }) => hooks.resend?.(state);
      return await work.send({ stopSignal: this.context.signal, beforeResend });
    } catch (error) {
      if (!(error instanceof AmbiguousError)) throw error;
      hooks.onLost?.();
      return this.#resolveLost(work, { error, sentMs });
    }
  }

  async #resolveLost<T>(
    work: Work<T>,
    { error, sentMs }: { error: AmbiguousError; sentMs: number },
  ): Promise<T> {
    const { find, label } = work;
    const check = this.listener.commandLine(work.checkCommand);
    const named = (text: string) => (label === undefined ? text : `${label}: ${text}`);
    this.hasLost = true;
    const onStart = (until: Date) => this.listener.onLost(until, label);
    const found = await readBack(this.context, { sentMs, onStart, find }).catch((reason) => {
      throw interrupted(reason, check);
    });
    const [value] = found;
    if (value === undefined || found.length > 1)
      throw this.#unknown(unknownText(error, found.map(work.idOf)), { check: work.checkCommand, error });
    this.listener.onFound(named(`confirmed by a check: ${work.idOf(value)}`));
    return value;
  }

  #unknown(
    message: string,
    { check, error }: { check: readonly string[]; error: AmbiguousError },
  ): OutcomeUnknownError {
    const hint = `check before you retry: ${this.listener.commandLine(check)}`;
    return new OutcomeUnknownError(message, { hint, cause: error });
  }
}

interface CreateOnce extends Partial<SendHooks> {
  deployment_id: string;
  fields: AutomationFields;
  known: ReadonlySet<string>;
  onCreated?: ((automation_id: string) => void) | undefined;
  /** The beginning of its reports where several are sent: `"Weekly" in Acme`. */
  label?: string | undefined;
}

interface TriggerOnce extends Partial<SendHooks>, AutomationRef {
  known: ReadonlySet<string>;
}

interface MessageOnce extends Partial<SendHooks> {
  deployment_id: string;
  fields: MessageFields;
  thread_id: string;
  run_id: string;
  known: number;
}

interface Work<T> {
  send(options: CallOptions): Promise<T>;
  hooks: Partial<SendHooks>;
  find(options: CallOptions): Promise<T[]>;
  idOf(value: T): string;
  checkCommand: readonly string[];
  label?: string | undefined;
}

async function findCreated(
  client: HermClient,
  { deployment_id, fields, known, options }: CreateOnce & { options: CallOptions },
): Promise<Automation[]> {
  const matches: Automation[] = [];
  for await (const automation of client.automations.list(deployment_id, { limit: 100 }, options)) {
    if (known.has(automation.automation_id) || automation.name !== fields.name) continue;
    if (!schedulesEqual(automation.schedule ?? "", fields.schedule)) continue;
    const detail = await client.automations.get(deployment_id, automation.automation_id, options);
    if (detail.instructions === fields.instructions) matches.push(detail);
  }
  return matches;
}

function unknownText(error: AmbiguousError, foundIds: readonly string[]): string {
  if (foundIds.length === 0) return `${error.message}; it didn't show up within 15 s`;
  return `${error.message}; several match: ${foundIds.join(", ")}`;
}

/** Adds the command that checks, where Ctrl-C came before it was known. */
function interrupted(reason: unknown, check: string): unknown {
  if (!(reason instanceof InterruptedError)) return reason;
  return new InterruptedError(
    reason.signal,
    `${reason.message}; to check whether the request took effect: ${check}`,
  );
}
