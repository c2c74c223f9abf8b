/** The command with its runtime, Bun, from which `npm run build:binary` makes a single file. */
import manifest from "../package.json" with { type: "json" };
import { createTransport } from "../src/api/transport/http.js";
import { createRuntimeTransport, type RuntimeFetch } from "../src/api/transport/runtime-fetch.js";
import { createSystem } from "../src/invocation/system-context.js";
import { main } from "../src/main.js";

declare const Bun: { fetch: RuntimeFetch; unsafe: { setJITPolicy(scale: number): void } };

// The compiler starts late (`--compile-jit-policy`), because nothing in a short command runs often enough to need it.
setTimeout(() => Bun.unsafe.setJITPolicy(1), 200).unref();

/**
 * The class of the events that `eventsource` makes and src/api/events reads, because Bun's own takes a third of the
 * time of a fast stream.
 */
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

// Node's own listener would open a port for a debugger, and a debugger can read this process's keys.
process.on("SIGUSR1", () => undefined);
const { system, dispose } = createSystem({ version: manifest.version, exit: process.exit });
// With these variables, Bun's own fetch would choose a proxy by its own rules.
const isProxyNamed = Object.keys(process.env).some((name) => /_proxy$/i.test(name));
if (!isProxyNamed) system.fetch = createRuntimeTransport(Bun.fetch, createTransport());
// In Bun, reading from an opened terminal continues after it is closed, and keeps the process alive until a key is
// pressed.
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
