/** Loaded before a command: at its end says what it cost, in the file that COUNTED names. */
const fs = require("node:fs");
const vm = require("node:vm");

const cost = { requests: 0, waits: 0, bytes: 0 };
require("node:diagnostics_channel").subscribe("http.client.request.start", () => {
  cost.requests += 1;
});
for (const name of ["fsync", "fsyncSync", "fdatasync", "fdatasyncSync"]) {
  const call = fs[name];
  fs[name] = (...given) => {
    cost.waits += 1;
    return call(...given);
  };
}
vm.Script = class extends vm.Script {
  constructor(code, options) {
    super(code, options);
    cost.bytes += options.cachedData?.length ?? code.length;
  }
};
process.on("exit", () => {
  const pieces = Object.keys(require.cache).filter((file) => file.includes("/dist/cli/"));
  for (const file of pieces) cost.bytes += fs.statSync(file).size;
  fs.writeFileSync(process.env.COUNTED, JSON.stringify(cost));
});
