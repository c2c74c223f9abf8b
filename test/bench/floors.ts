import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const dist = fileURLToPath(new URL("../../dist", import.meta.url));

/** The minimum that Node needs for the same work: scripts without any of our libraries, written into the folder. */
export function writeFloors(folder: string) {
  const write = (name: string, text: string) => {
    const file = join(folder, name);
    writeFileSync(file, text);
    return file;
  };
  return {
    line: write("line.cjs", 'process.stdout.write("one line\\n");'),
    get: write("get.cjs", get),
    opened: write("opened.cjs", `${opening()}${get}`),
    pages: write("pages.cjs", pages),
  };
}

const get = `
require("node:http").get(process.argv[2], (answer) => answer.pipe(process.stdout));
`;

/** Loads the built code that a list runs, as bin/herm.cjs does, without running a command. */
function opening(): string {
  const sources: Record<string, string[]> = JSON.parse(readFileSync(join(dist, ".pieces.json"), "utf8"));
  const wanted = ["main", "system-context", "program", "settings/load", "api/client", "api/transport/http"];
  const files = [...wanted, "commands/automations/list"].map((name) => `src/${name}.ts`);
  const pieces = Object.keys(sources).filter((piece) => sources[piece]?.some((file) => files.includes(file)));
  return `
const { load, begins } = require(${JSON.stringify(join(dist, "cli", "start.cjs"))}).start({
  folder: ${JSON.stringify(join(dist, "cli"))}, require, env: process.env,
  uid: process.getuid(), pid: process.pid, node: process.version + "-" + process.arch,
});
begins(["automations", "list"]);
for (const piece of ${JSON.stringify(pieces)}) load(piece);
`;
}

const pages = `
const http = require("node:http");
const agent = new http.Agent({ keepAlive: true });
const next = (cursor) =>
  http.get(process.argv[2] + (cursor ? "?limit=100&cursor=" + cursor : "?limit=100"), { agent }, (answer) => {
    let text = "";
    answer.setEncoding("utf8");
    answer.on("data", (part) => (text += part));
    answer.on("end", () => {
      const { data, next_cursor } = JSON.parse(text);
      process.stdout.write(data.map((each) => JSON.stringify(each)).join("\\n") + "\\n");
      if (next_cursor) next(next_cursor);
      else agent.destroy();
    });
  });
next();
`;
