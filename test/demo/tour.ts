/**
 * A tour of the main job on a server of its own: every line is the real command, over real HTTP.
 * Ends with 0 only if every command ended as it should; leaves nothing running and no file behind.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { command } from "../support/command-file.js";

const home = mkdtempSync(join(tmpdir(), "herm-demo-"));
const bare = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(HERM|PRISM|XDG)_/.test(name)),
);

interface ServerLine {
  url: string;
  api_key: string;
}

async function startServer(): Promise<{ server: ChildProcess; line: ServerLine }> {
  const server = spawn(
    command.file,
    [...command.args, "dev", "--memory", "--port", "0", "-o", "json", "--quiet"],
    {
      stdio: ["ignore", "pipe", "inherit"],
      env: { ...bare, HOME: home },
    },
  );
  for await (const text of createInterface({ input: server.stdout }))
    return { server, line: JSON.parse(text) };
  throw new Error("the local server ended before it said where it listens");
}

async function main(): Promise<void> {
  const { server, line } = await startServer();
  const env = {
    ...bare,
    HOME: home,
    HERM_API_URL: line.url,
    HERM_API_KEY: line.api_key,
    HERM_DEPLOYMENT: "dep_local",
  };

  const show = async (words: string[], expected = 0): Promise<void> => {
    console.log(`\n$ herm ${words.map((word) => (/[\s"]/.test(word) ? `"${word}"` : word)).join(" ")}`);
    const child = spawn(command.file, [...command.args, ...words], {
      stdio: ["ignore", "inherit", "inherit"],
      env,
    });
    const [code] = await once(child, "exit");
    if (code !== expected) throw new Error(`herm ${words.join(" ")} ended with ${code}, not ${expected}`);
  };

  try {
    console.log(`A local server listens on ${line.url}; nothing leaves this machine.`);
    const weekly = "Weekly video variations";
    await show(["schedule", "explain", "every Monday at 9am"]);
    await show([
      "automations",
      "create",
      "--name",
      weekly,
      "--schedule",
      "every Monday at 9am",
      "--instructions",
      "Make five variations of last week's best video.",
    ]);
    await show([
      "automations",
      "create",
      "--name",
      "Inbox triage",
      "--schedule",
      "every 15 minutes",
      "--instructions",
      "Sort the inbox.",
    ]);
    await show(["automations", "list"]);
    await show(["automations", "trigger", weekly, "--follow"]);
    await show(["automations", "update", weekly, "--schedule", "every weekday at 18:30"]);
    await show(["automations", "pause", "Inbox triage"]);
    await show(["automations", "list"]);
    await show(["automations", "resume", "Inbox triage"]);
    await show(["automations", "get", weekly]);
    await show(["runs", "list", weekly]);
    await show(
      ["automations", "create", "--name", "Broken", "--schedule", "banana", "--instructions", "x"],
      2,
    );
    await show(["automations", "delete", "Inbox triage", "--yes"]);
    await show(["automations", "list", "-o", "json"]);
    console.log(
      "\nThat was the tour: every command above really talked to a server, and nothing is left of it.\n" +
        "Your own: npm run -s herm -- --local automations create",
    );
  } finally {
    server.kill("SIGTERM");
    await once(server, "exit");
  }
}

try {
  await main();
} finally {
  rmSync(home, { recursive: true, force: true });
}
