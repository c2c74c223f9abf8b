/** The command within a Node of its own: what `npm run build:binary` makes one file of. */
import manifest from "../package.json" with { type: "json" };
import { main } from "../src/main.js";
import { createSystem } from "../src/system-context.js";

// Node's own listener would open a port for a debugger, and who debugs this process has its keys.
process.on("SIGUSR1", () => undefined);
const { system, dispose } = createSystem({ version: manifest.version, exit: process.exit });
main(process.argv.slice(2), system).then((exitCode) => {
  process.exitCode = exitCode;
  dispose();
});
