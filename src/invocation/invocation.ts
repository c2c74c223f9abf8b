import { join } from "node:path";
import type { HermClient } from "../api/client.js";
import type { FetchLike, StartTimer } from "../api/fetch.js";
import type { RetryBudget } from "../api/retry/retry.js";
import type { DeploymentSummary } from "../api/types.js";
import type {
  CommandCall,
  Context,
  Io,
  JobControl,
  Runtime,
  System,
  TerminalPrompts,
} from "../context/context.js";
import type { Prompts } from "../context/prompts.js";
import { clockProblem, clockShiftMs } from "../output/clock-skew.js";
import { isScreenTaken, sinkOf } from "../output/sink.js";
import { createRedactor, requireKey, type TextOrigin } from "../settings/key.js";
import type { loadSettings } from "../settings/load.js";
import { defaultApiUrl } from "../settings/origin.js";
import type { ProxyChoice } from "../settings/proxy.js";
import type { GlobalFlags, Settings, Target } from "../settings/settings.js";
import { createIo, lazyPrompts } from "./terminal-io.js";

/** The context of one call; every part is created from the flags on first use. */
export class Invocation implements Context {
  #io: Io | undefined;
  #isAccessible = false;
  #loadSettings: typeof loadSettings | undefined;
  #settings: Settings | undefined;
  #prompts: Prompts | undefined;
  #client: Promise<HermClient> | undefined;
  #retryBudget: RetryBudget | undefined;
  #serverAheadMs = 0;
  /** Warnings that are being written, and those that a full-screen command holds back. */
  readonly #warnings: Promise<void>[] = [];
  readonly #heldWarnings: string[] = [];
  /** Keys to redact. */
  readonly secrets = new Set<string>();
  reason: string | undefined;
  pickedDeployment?: DeploymentSummary;
  call: CommandCall = { effect: "reads", path: [], arguments: [], flags: {} };
  readonly version: string;
  readonly program: readonly string[];
  readonly runtime: Runtime;
  readonly signal: AbortSignal;
  readonly interrupt: Context["interrupt"];
  readonly jobControl: JobControl | undefined;
  readonly timer: StartTimer | undefined;
  /** Set after the global flags were read. */
  flags: GlobalFlags | undefined;

  constructor(
    private readonly system: System,
    readonly words: readonly string[],
  ) {
    ({ version: this.version, program: this.program, runtime: this.runtime } = system);
    ({ signal: this.signal, interrupt: this.interrupt, jobControl: this.jobControl } = system);
    this.timer = system.timer;
  }

  /** Reads accessible mode if a person may be watching. Throws UsageError for a variable that is neither yes nor no. */
  async prepareAccessibility(): Promise<void> {
    const { isTty, env } = this.system;
    if (!isTty.stdout && !isTty.stderr && !env.HERM_ACCESSIBLE) return;
    const { checkAccessible, isAccessibleRequested } = await import("../settings/accessible.js");
    this.#isAccessible = (isTty.stdout || isTty.stderr) && isAccessibleRequested(this.system);
    checkAccessible(env);
  }

  /** Sets `--reason`, otherwise HERM_REASON. Throws UsageError for a refused reason. */
  setReason(typed: unknown): void {
    this.reason = (typeof typed === "string" ? typed : this.settings.reason()) || undefined;
  }

  announceCommand(path: readonly string[]): void {
    this.system.onCommand?.(path);
  }

  get io(): Io {
    this.#io ??= createIo(this.system, { flags: this.flags, isAccessible: this.#isAccessible });
    return this.#io;
  }

  /** Loads the code that reads settings, which help doesn't need. */
  async prepareSettings(): Promise<void> {
    this.#loadSettings ??= (await import("../settings/load.js")).loadSettings;
  }

  get settings(): Settings {
    if (this.flags === undefined || this.#loadSettings === undefined)
      throw new Error("the settings were touched before they could be read");
    this.#settings ??= this.#loadSettings(this.flags, this.system, (text) => {
      this.#warnings.push(this.#warn(text));
    });
    return this.#settings;
  }

  get prompts(): Prompts {
    this.#prompts ??= this.#promptsOn(() => this.io);
    return this.#prompts;
  }

  terminalPrompts(): TerminalPrompts | undefined {
    const terminal = this.io.isAttended === true ? this.system.openTerminal?.() : undefined;
    if (terminal === undefined) return undefined;
    const prompts = this.#promptsOn(() => ({ ...this.io, stdin: terminal }));
    return { prompts, close: () => terminal.destroy() };
  }

  #promptsOn(io: () => Io): Prompts {
    return lazyPrompts(
      () => this.system.loadPrompts(io(), (text) => this.#saveText(text)),
      (text) => this.settings.findKey(text) !== undefined,
    );
  }

  async #saveText(text: string): Promise<string> {
    const { saveTextIn } = await import("../files/saved-texts.js");
    const { files, dataDir } = this.settings;
    return saveTextIn({ files, dataDir, now: this.now() }, text);
  }

  now(): Date {
    return this.system.now();
  }

  serverNow(): Date {
    return new Date(this.now().getTime() + this.#serverAheadMs);
  }

  monotonic(): number {
    return this.system.monotonic();
  }

  sleep(ms: number, signal: AbortSignal = this.signal): Promise<void> {
    return this.system.sleep(ms, signal);
  }

  client(): Promise<HermClient> {
    this.#client ??= this.#connect(this.settings.target());
    return this.#client;
  }

  async clientIfUp(): Promise<HermClient | undefined> {
    const { isLocal, profile } = this.settings.target();
    if (!isLocal) return this.client();
    const running = await this.system.runningServer(this.settings.dataDir, profile);
    return running && this.clientFor({ baseUrl: running.url, apiKey: running.apiKey });
  }

  async clientFor(options: { baseUrl: string; apiKey: string }): Promise<HermClient> {
    this.secrets.add(options.apiKey);
    const proxy = this.system.fetch === undefined ? this.settings.proxy(options.baseUrl) : undefined;
    const [{ HermClient }, { RetryBudget }, { rememberAnswers }, { guardCall }, fetch] = await Promise.all([
      import("../api/client.js"),
      import("../api/retry/retry.js"),
      import("../fleet/lists.js"),
      import("../fleet/guard.js"),
      this.#transport(proxy),
    ]);
    const { flags } = this.settings;
    const { timer, random } = this.system;
    this.#retryBudget ??= new RetryBudget();
    const client: HermClient = new HermClient({
      ...options,
      fetch,
      timer,
      random,
      timeoutMs: flags.timeoutMs,
      maxWaitMs: flags.maxWaitMs,
      version: this.version,
      redact: (text, origin) => this.#redact(text, origin),
      sleep: (ms, signal) => this.sleep(ms, signal),
      now: () => this.now().getTime(),
      monotonic: () => this.monotonic(),
      retryBudget: this.#retryBudget,
      sameSchedule: async (sent, stored) =>
        (await import("../schedule/compare.js")).compareSchedules(sent, stored),
      guard: (call) => guardCall({ client, clock: this }, call),
      onFirstDate: (served) => void this.#warnings.push(this.#compareClocks(client, served)),
      onSilence: (news) =>
        void this.#warnings.push(
          import("../operations/rows/wait-notes.js").then(({ printSilence }) =>
            printSilence(this, client, news),
          ),
        ),
      ...(flags.debug ? { onAttempt: await this.#debugLog(proxy) } : {}),
    });
    rememberAnswers(client, {
      // The path that `historyFolder` returns, without loading the history.
      folder: join(this.settings.dataDir, "history"),
      load: async () => (await import("../operations/sending/read-recent.js")).answersReader(this),
    });
    return client;
  }

  async flushWarnings(): Promise<void> {
    await Promise.all(this.#warnings);
    for (const text of this.#heldWarnings.splice(0)) await this.#warn(text);
  }

  /** Warns about a wrong clock (src/README.md, "The process"); a local server's may have been moved deliberately. */
  async #compareClocks(client: HermClient, served: Date): Promise<void> {
    const offMs = this.now().getTime() - served.getTime();
    if (client.isLocalServer) this.#serverAheadMs = clockShiftMs(offMs);
    const problem = client.isLocalServer ? undefined : await clockProblem(offMs);
    if (problem) await this.#warn(`this machine's clock is ${problem}: times estimated here are off`);
  }

  async #warn(text: string): Promise<void> {
    if (isScreenTaken(this.io)) return void this.#heldWarnings.push(text);
    const { createPrinter } = await import("../output/printer.js");
    (await createPrinter(this)).warn(text);
  }

  async #connect(target: Target): Promise<HermClient> {
    if (target.isLocal) {
      const { factSeparatorFor } = await import("../output/style.js");
      const { url, apiKey } = await this.system.localServer({
        dataDir: this.settings.dataDir,
        profile: target.profile,
        announce: (facts) => {
          const gap = factSeparatorFor(this);
          void sinkOf(this.io.stderr).write(`${facts.join(gap)}\n`);
        },
      });
      return this.clientFor({ baseUrl: url, apiKey });
    }
    const apiKey = requireKey(target);
    return this.clientFor({ baseUrl: target.baseUrl ?? defaultApiUrl, apiKey });
  }

  async #transport(proxy: ProxyChoice | undefined): Promise<FetchLike> {
    if (proxy === undefined)
      return this.system.fetch ?? (await import("../api/transport/http.js")).createTransport();
    const { createTunnelTransport } = await import("../api/transport/tunnel.js");
    return createTunnelTransport({ proxy: proxy.url, authorization: proxy.authorization });
  }

  async #debugLog(proxy: ProxyChoice | undefined) {
    const { createDebugLog } = await import("../output/debug.js");
    return createDebugLog(this.io.stderr, proxy, (text) => this.#redact(text, "ours"));
  }

  #redact(text: string, origin?: TextOrigin): string {
    return createRedactor([...this.secrets, ...this.settings.knownKeys()], origin)(text);
  }
}
