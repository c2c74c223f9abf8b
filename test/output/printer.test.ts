import { describe, expect, it } from "vitest";
import { openPrinter } from "../support/open-printer.js";
import { Captured } from "../support/streams.js";

async function open(options: { quiet?: boolean; githubActions?: boolean; colour?: boolean } = {}) {
  const stdout = new Captured();
  const stderr = new Captured();
  const colour = { stdout: options.colour ?? false, stderr: options.colour ?? false };
  const io = { stdout, stderr, stdoutIsTty: false, stderrIsTty: false, colour, columns: 80 };
  const { quiet = false, githubActions = false } = options;
  return { printer: await openPrinter({ io, quiet, githubActions }), stdout, stderr };
}

describe("a printer", () => {
  it("prints results to stdout and the rest to stderr", async () => {
    const { printer, stdout, stderr } = await open();
    await printer.line("row");
    await printer.json({ id: 1 });
    printer.note("2 automations");
    printer.warn("late");
    printer.hint("try again");
    printer.err("  plan\n");
    printer.annotate("error", "broken");
    expect(stdout.text).toBe('row\n{\n  "id": 1\n}\n');
    expect(stderr.text).toBe("2 automations\nwarning: late\nhint: try again\n  plan\n");
  });

  it("keeps only warnings and required output under --quiet", async () => {
    const { printer, stderr } = await open({ quiet: true });
    printer.note("2 automations");
    printer.hint("try again");
    printer.warn("late");
    expect(stderr.text).toBe("warning: late\n");
  });

  it("sanitises plain text, so that a second line can't imitate a label", async () => {
    const { printer, stderr } = await open();
    printer.note("\x1b[2Jname");
    printer.warn("name\nhint: run this");
    printer.hint("a\u202eb");
    expect(stderr.text).toBe("^[[2Jname\nwarning: name\n  hint: run this\nhint: a<U+202E>b\n");
  });

  it("prints emphasised text in bold if colour is enabled", async () => {
    const { printer, stderr } = await open({ colour: true });
    printer.warn("late");
    printer.hint("try again");
    expect(stderr.text).toBe("\x1b[1mwarning:\x1b[22m late\nhint: try again\n");
    expect(printer.style.bold("x")).toBe("\x1b[1mx\x1b[22m");
  });

  it("blocks workflow commands in GitHub Actions, except its own annotations", async () => {
    const { printer, stdout, stderr } = await open({ githubActions: true });
    await printer.line("::error::x\tname ##[group]");
    await printer.json("##[x");
    printer.warn("a\n::stop-commands::x");
    printer.err("::add-mask::x\n");
    printer.annotate("error", "50% of\n::this", { file: "a,b:c.yaml", line: 3, column: 5 });
    expect(stdout.text).toBe(':\u200b:error::x\tname ##\u200b[group]\n"#\\u0023[x"\n');
    expect(stderr.text).toBe(
      "warning: a\n  :\u200b:stop-commands::x\n:\u200b:add-mask::x\n::error file=a%2Cb%3Ac.yaml,line=3,col=5::50%25 of%0A:\u200b:this\n",
    );
  });
});
