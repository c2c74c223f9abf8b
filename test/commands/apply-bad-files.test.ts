import { describe, expect, it } from "vitest";
import { badFiles } from "../manifest/bad-files.js";
import { herm, startServer, temporaryFolder } from "../support/harness.js";

describe("an invalid manifest", () => {
  it.each(["apply", "diff"])(
    `makes %s exit with 2, without a request, for each of ${badFiles.length} files`,
    async (command) => {
      const server = await startServer();
      const home = temporaryFolder();
      let requests = 0;
      const fetch = async () => {
        requests += 1;
        return new Response("{}");
      };
      for (const { title, make } of badFiles) {
        const path = make(temporaryFolder());
        const words = ["automations", command, "--file", path, "-d", "dep_local"];
        const { code, stdout, stderr } = await herm(words, { server, home, fetch });
        expect({ title, code, stdout, begins: stderr.slice(0, 7), requests }).toEqual({
          title,
          code: 2,
          stdout: "",
          begins: "error: ",
          requests: 0,
        });
      }
    },
  );
});
