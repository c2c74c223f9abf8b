import { groupBy } from "../../../manifest/group-by.js";
import { type FilePosition, type Mistake, positionText, whatIsWrong } from "../../../manifest/mistake.js";
import { isNote } from "../../../manifest/warnings.js";
import { safe } from "../../../output/safe.js";
import { xmlElement, xmlText } from "../../../output/text/xml.js";
import type { ChangeRow } from "../view/change-rows.js";
import { changeLines } from "./changed-fields.js";
import { type FinalReport, type Verdict, verdictsOf } from "./report-data.js";

/** Maximum characters for all changes together; after that, only the fields are named. */
const mostCharacters = 8 * 1024 * 1024;

/** A test case for an item in a deployment, for a mistake, or for the whole command. */
interface Case {
  suite: string;
  name: string;
  position?: FilePosition;
  verdict: Verdict;
  row?: ChangeRow;
}

/** Renders JUnit XML for GitLab and Jenkins: a suite for each deployment, and a case for each item with its changes. */
export async function renderJunit(final: FinalReport): Promise<string> {
  const { command, started_at, tookMs } = final;
  const found = [...ofMistakes(final.mistakes), ...ofRows(final), ...ofWarnings(final)];
  const cases = [...found, ...ofCommand(final, found.length === 0)];
  const writer = new CaseWriter(final);
  const suites: string[] = [];
  // Without the zone and fractions of a second, which Jenkins' schema refuses.
  const timestamp = started_at.toISOString().slice(0, 19);
  for (const [suite, theirs] of groupBy(cases, (each) => each.suite)) {
    const written: string[] = [];
    for (const each of theirs) written.push(await writer.write(each));
    const about = { name: writer.text(suite), ...countsOf(theirs), timestamp };
    suites.push(xmlElement("testsuite", about, `\n${written.join("\n")}\n`));
  }
  const time = (tookMs / 1000).toFixed(3);
  const about = { name: command, ...countsOf(cases), time };
  const all = xmlElement("testsuites", about, suites.length === 0 ? "" : `\n${suites.join("\n")}\n`);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${all}\n`;
}

function ofMistakes(mistakes: readonly Mistake[]): Case[] {
  return mistakes.map(({ position, ...mistake }) => ({
    suite: "manifests",
    name: positionText(position),
    position: typeof position === "string" ? undefined : position,
    verdict: { kind: "failed", type: "mistake", why: whatIsWrong(mistake) },
  }));
}

function ofRows(final: FinalReport): Case[] {
  const namesakes = groupBy(verdictsOf(final), ({ row }) => JSON.stringify([row.deployment, row.name]));
  return [...namesakes.values()].flatMap((group) =>
    group.map(({ row, verdict }) => {
      const { deployment_id, deployment, name, automation_id = "new", position } = row;
      const unique = group.length > 1 ? `${name} (${deployment_id}/${automation_id})` : name;
      return { suite: deployment, name: unique, position, verdict, row };
    }),
  );
}

/** Shows warnings even if they don't stop the command. */
function ofWarnings({ report }: FinalReport): Case[] {
  const kindOf = (type: string) =>
    report?.isStrict === true && !isNote({ kind: type }) ? "failed" : "skipped";
  return (report?.warnings ?? []).map(({ kind: type, position, text }) => ({
    suite: "warnings",
    name: position === undefined ? type : `${type} ${positionText(position)}`,
    position,
    verdict: { kind: kindOf(type), type, why: text },
  }));
}

/**
 * Adds a failure for the whole command, so that a failed job's report isn't all green, and adds a case to an empty
 * report, because Jenkins fails a job that has none.
 */
function ofCommand({ command, error, hint }: FinalReport, isReportEmpty: boolean): Case[] {
  const whole = { suite: "herm", name: command };
  if (error !== undefined)
    return [{ ...whole, verdict: { kind: "failed", type: "error", why: error, hint } }];
  return isReportEmpty ? [{ ...whole, verdict: { kind: "passed", why: "nothing to do" } }] : [];
}

function countsOf(cases: readonly Case[]): Record<string, number> {
  const count = (kind: Verdict["kind"]) => cases.filter(({ verdict }) => verdict.kind === kind).length;
  return { tests: cases.length, failures: count("failed"), errors: 0, skipped: count("skipped") };
}

class CaseWriter {
  #characters = 0;

  constructor(private readonly final: Pick<FinalReport, "redact" | "fileOf">) {}

  text(text: string): string {
    return unattached(safe(this.final.redact(text), "cell"));
  }

  async write({ suite, name, position: given, verdict, row }: Case): Promise<string> {
    const position = given && { ...given, file: this.final.fileOf(given.file) };
    const attributes = {
      classname: this.text(suite),
      name: this.text(name),
      file: position && this.text(position.file),
      line: position?.line,
    };
    const parts = [...this.#ending(verdict, position), ...(await this.#output(verdict, row))];
    return xmlElement("testcase", attributes, parts.join(""));
  }

  /** The position is also in the text, for viewers that ignore the attributes. */
  #ending({ kind, type, why, hint }: Verdict, position: FilePosition | undefined): string[] {
    const message = this.text(why);
    if (kind === "passed") return [];
    if (kind === "skipped") return [xmlElement("skipped", { message })];
    const where = position === undefined ? "" : `${this.text(positionText(position))}: `;
    const whole = hint === undefined ? why : `${why}\nhint: ${hint}`;
    const text = xmlText(where + unattached(safe(this.final.redact(whole), "block")));
    return [xmlElement("failure", { message, type }, text)];
  }

  async #output({ kind, why }: Verdict, row: ChangeRow | undefined): Promise<string[]> {
    if (row?.changes === undefined || this.#characters > mostCharacters) return [];
    const lines = await changeLines(row, this.final.redact);
    const text = xmlText(unattached([...(kind === "passed" ? [why] : []), ...lines].join("\n")));
    this.#characters += text.length;
    return [xmlElement("system-out", {}, text)];
  }
}

/** Keeps foreign text from naming a file to publish, because GitLab and Jenkins act on `[[ATTACHMENT|path]]`. */
function unattached(text: string): string {
  return text.replaceAll(/\[(?=\[ATTACHMENT)/gi, "[\u200b");
}
