/** The command with Bun, its runtime, beside it: what `npm run build:binary` makes one file of. */
import manifest from "../package.json" with { type: "json" };
import { createTransport } from "../src/api/transport/http.js";
import { createRuntimeTransport, type RuntimeFetch } from "../src/api/transport/runtime-fetch.js";
import { createSystem } from "../src/invocation/system-context.js";
import { main } from "../src/main.js";

declare const Bun: { fetch: RuntimeFetch; unsafe: { setJITPolicy(scale: number): void } };

// It starts with the compiler holding back (`--compile-jit-policy`): what is over by then runs nothing often enough.
setTimeout(() => Bun.unsafe.setJITPolicy(1), 200).unref();

/** What `eventsource` makes of each event, and src/api/events reads: Bun's own takes a third of a fast stream's time. */
class PlainMessageEvent {
  readonly data: string;

  constructor(
    readonly type: string,
    { data }: { data: string },
  ) {
    this.data = data;
  }
}
Object.assign(globalThis, { MessageEvent: PlainMessageEvent });

// Node's own listener would open a port for a debugger, and who debugs this process has its keys.
process.on("SIGUSR1", () => undefined);
const { system, dispose } = createSystem({ version: manifest.version, exit: process.exit });
// By such a variable Bun's own fetch chooses a proxy, by rules of its own.
const isProxyNamed = Object.keys(process.env).some((name) => /_proxy$/i.test(name));
if (!isProxyNamed) system.fetch = createRuntimeTransport(Bun.fetch, createTransport());
// Here a read of a terminal that was opened goes on after it was closed, and the process with it, until a key is pressed.
let hasTerminal = false;
const { openTerminal } = system;
system.openTerminal = () => {
  const terminal = openTerminal?.();
  hasTerminal ||= terminal !== undefined;
  return terminal;
};
main(process.argv.slice(2), system).then((exitCode) => {
  process.exitCode = exitCode;
  dispose();
  if (hasTerminal) process.exit();
});
