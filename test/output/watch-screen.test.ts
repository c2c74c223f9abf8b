import { Writable } from "node:stream";
import xterm from "@xterm/headless";
import { describe, expect, it } from "vitest";
import { WatchScreen } from "../../src/output/terminal/watch-screen.js";

class Terminal extends Writable {
  readonly rows = 5;
  readonly emulator = new xterm.Terminal({
    ...{ cols: 40, rows: 5, convertEol: true },
    ...{ allowProposedApi: true, logLevel: "off" },
  });

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: () => void): void {
    this.emulator.write(chunk, callback);
  }

  get screen(): string[] {
    const { active } = this.emulator.buffer;
    return Array.from(
      { length: 5 },
      (_, row) => active.getLine(active.baseY + row)?.translateToString(true) ?? "",
    );
  }
}

describe("a watch screen", () => {
  it("redraws in place, and leaves its last frame on the normal screen", async () => {
    const stdout = new Terminal();
    stdout.write("$ herm automations list --watch\r\n");
    const screen = new WatchScreen({ stdout });
    await screen.show("NAME  ID\nreport  auto_1\nbackup  auto_2\n");
    expect(stdout.screen).toEqual(["NAME  ID", "report  auto_1", "backup  auto_2", "", ""]);
    await screen.show("1\n2\n3\n4\n5\n6\n7\n");
    expect(stdout.screen).toEqual(["1", "2", "3", "4", "… 3 more"]);
    await screen.show("NAME\nrep\n");
    expect(stdout.screen).toEqual(["NAME", "rep", "", "", ""]);
    await screen.close();
    await screen.close();
    expect(stdout.screen).toEqual(["$ herm automations list --watch", "NAME", "rep", "", ""]);
    expect(stdout.emulator.buffer.active.type).toBe("normal");
  });

  it("leaves a terminal unchanged if it has shown no frame", async () => {
    const stdout = new Terminal();
    await new WatchScreen({ stdout }).close();
    expect(stdout.screen).toEqual(["", "", "", "", ""]);
  });
});
