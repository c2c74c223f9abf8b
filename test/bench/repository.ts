/** The cost of an apply that changes nothing, for a repository of defaults with values, spread and a record. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { embedDevServer } from "../../src/dev-server/embed.js";
import { filesOf, firstDefaults, pipeline } from "../gitops/repository.js";
import { type ApplyFigure, addDeployments, environmentOf } from "./apply.js";
import { bareClient } from "./bare-client.js";
import { comparePairs, type Program, timeMs } from "./pairs.js";

/** The local server starts with one more. */
const added = 30;

/** The same requests: a page of deployments, a list for each, and every automation. */
const bareLoop = `${bareClient}
(async () => {
  const { data } = await call("GET", "/v1/deployments?limit=100");
  const found = [];
  await each(data, async ({ deployment_id: id }) => {
    const page = await call("GET", "/v1/deployments/" + id + "/automations?limit=100");
    for (const { automation_id } of page.data) found.push("/v1/deployments/" + id + "/automations/" + automation_id);
  });
  await each(found, (path) => call("GET", path));
  agent.destroy();
})();`;

/** Applies the defaults to 31 deployments once, and then again against a bare loop. */
export async function benchRepository({
  herm,
  cacheFolder,
  runs,
}: {
  herm: Program;
  /** Compiled code from an earlier run is there, as it is for anybody who runs the command again. */
  cacheFolder: string;
  runs: number;
}): Promise<ApplyFigure> {
  const folder = mkdtempSync(join(tmpdir(), "herm-bench-repository-"));
  const server = await embedDevServer();
  try {
    await addDeployments(server, added);
    for (const [name, text] of Object.entries(filesOf({ defaults: firstDefaults }))) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    const { url } = await server.listen();
    const env = environmentOf({ server, url, folder, cacheFolder });
    const words = [...pipeline.map((word) => inFolder(folder, word)), "-o", "name", "-q"];
    const programFor = (...verb: string[]): Program => ({
      file: herm.file,
      args: [...herm.args, "automations", ...verb, ...words],
      env,
    });
    const apply = programFor("apply");
    await timeMs(programFor("adopt", "--yes"));
    await timeMs(apply);
    const loop: Program = {
      file: process.execPath,
      args: ["-e", bareLoop],
      env: { PATH: env.PATH, URL_BASE: url, KEY: server.apiKey },
    };
    const { ratio, medianMs, floorMs } = await comparePairs(apply, loop, runs);
    const what = `a repository of ${firstDefaults.length} defaults for ${added + 1} deployments, unchanged`;
    return { what, ratio, medianMs, floorMs, runs };
  } finally {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The command runs elsewhere. */
function inFolder(folder: string, word: string): string {
  return word.startsWith("-") ? word : join(folder, word);
}
