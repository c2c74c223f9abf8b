import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "..");

/** What no native speaker would say, or what has one other word here; beside each what is said instead. */
const banned: readonly (readonly [phrase: RegExp, said: string])[] = [
  [/never while it is paused/, "no next run until it is resumed"],
  [/those of which a run waits/, "only those whose last run waits"],
  [/\bfits? (?:several|nothing|no |these)/, "matches"],
  [/make automations what files say|what manifests say/, "make automations match files"],
  [/key taken|^taken$/, "accepted"],
  [/\bin force\b/, "used, current"],
  [/as a check shows|by checking/, "a check shows, by a check"],
  [/\bgoes to a file\b/, "needs a file"],
  [/\bnew since\b/, "1 new"],
  [/\bnot ours\b/, "not in the record"],
  [/made up for by/, "with a later run"],
  [/\blive for \d/, "8 of 15 live"],
  [/ended in error/, "failed"],
  [/in what could be read/, "among those read"],
  [/for good until somebody resumes/, "will stay so until somebody resumes them"],
  [/gives them up/, "to leave them paused"],
  [/takes? (?:that|it|the change) back/, "undoes, reopens"],
  [/take back that/, "reopen"],
  [/takes? along/, "also resumes"],
  [/is there (?:already|twice)/, "already exists, appears twice"],
  [/exclude each other/, "can't be used together"],
  [/tells? more\b/, "see --help"],
  [/a fault of herm/, "a bug in herm"],
  [/would not take/, "rejected"],
  [/passed over/, "skipped"],
  [/gone by now|there twice by now/, "gone, now exists twice"],
  [/nobody can be asked|\bnobody to ask\b/, "herm can't ask"],
  [/goes before this/, "is used instead"],
  [/made meanwhile/, "created meanwhile"],
  [/nothing got through/, "no request succeeded"],
  [/a fault that was asked for/, "a simulated fault"],
  [/\bpartly live\b|\blast heard\b|it is polled/, "28 of 31 live, updated 11:14:53"],
  [/\bneeds? a look\b/, "needs attention"],
  [/terminal that it can draw on/, "an interactive terminal"],
  [/it says two ways/, "it says … in two ways"],
  [/has moved on/, "went on"],
  [/[Bb]egins? anew/, "start with no data"],
  [/would fire until/, "would start until"],
  [/goes on; to come back/, "is still running; to come back"],
  [/belongs to somebody else/, "belongs to another user"],
  [/\bof what is odd/, "about likely mistakes"],
  [/what waits longest first/, "longest waiting first"],
  [/[Tt]akes? back a change/, "undo a change"],
  [/in the order of time/, "in time order"],
  [/in another's place/, "replaces text"],
  [/deployments that there are/, "all deployments"],
  [/left alone|leaves? alone/, "skipped, skips"],
  [/off a terminal/, "in a pipe, where nobody can answer"],
  [/\bby now\b/, "already"],
  [/went another way/, "has diverged"],
  [/another of its name/, "an automation with that name"],
  [/can't be taken back|\btook back\b/, "can't be undone, undid"],
  [/: left out\b|left out of/, "skipped"],
  [/can't be told\b/, "isn't known"],
  [/met (?:run before|the next)/, "previous run still going, still going at the next"],
  [/\b(?:is a peak|are peaks)\b/, "starts more than 20 runs"],
  [/(?:nothing|none|would) fires?\b|never[ -]fires/, "nothing runs, would run, never runs"],
  [/not told\b/, "unknown"],
  [/in no file any more/, "no longer in any file"],
  [/which is to come/, "which is in the future"],
  [/an incident's\b.* elsewhere/, "the ledger of an incident"],
  [/\bread(?:ing)? back\b/, "checked, checking"],
  [/since the last look/, "no longer listed"],
  [/\b(?:is|are) called so\b|\bchanged so\b|\bstopped so\b/, "that is its name, already changed, this way"],
  [/which was to stay/, "the copy to keep"],
  [/\bstands? (?:in|here|again|alone|among|before|for both)\b/, "is in, is allowed here, goes before"],
  [/not reachable/, "unreachable"],
  [/whoever reads/, "anyone who reads"],
  [/is kept in|could not be kept/, "is saved in"],
  [/can't be (?:made|looked at)/, "can't be created, can't be checked"],
  [/travel in the open/, "would be sent unencrypted"],
  [/reads as an id|is no (?:id|regular file)\b/, "looks like an id, isn't an id"],
  [/nor named by/, "neither … nor"],
  [/waits? for a human/, "waits for an answer"],
  [/name two targets/, "can't be used together"],
  [/\bsaid once\b|has its name already/, "say it once, already has the new name"],
  [/starts? anew|screen anew/, "starts over, redraws"],
  [/(?:server|one) that runs\b/, "a running local server"],
  [/what to run for what, and how/, "common tasks"],
  [/\btwo work at once/, "changes collide"],
  [/whether it took effect isn't known/, "may not have taken effect"],
  [/stays unprotected/, "can be lost"],
  [/\bit was begun/, "it began"],
  [/to a text, such as/, "to a message"],
  [/\bbreaks (?:off before|the connection off)/, "drops the connection"],
  [/nobody to ask for the key/, "no key given, and herm can't ask"],
  [/whose it is\b/, "its customer"],
  [/also how cronstrue/, "cronstrue's wording"],
  [/says done and/, "reports a false success"],
  [/Once for each (?:account|shell)/, "Run once per account"],
  [/saves no deployment/, "can't save a deployment"],
  [/which is used instead of this one/, "which is used instead"],
  [/folder of your own that can be/, "a writable folder of your own"],
  [/\bEsc and Enter leave/, "Esc, then Enter: leave"],
  [/never comes in/, "never runs in"],
  [/the same on a live screen/, "live status, with keys to act on it"],
  [/cursor that it had sent/, "sent the same cursor twice"],
  [/goes behind the/, "goes after the command"],
  [/as the files say/, "match the files"],
  [/also where (?:one|some|a)\b/, "even if"],
  [/needs a value, and got/, "needs a value, not --yes"],
  [/all else (?:prints|is refused)/, "every change but pause and runs answer"],
  [/^which [a-z]+\?/, "no manifest given"],
];

interface Text {
  place: string;
  text: string;
}

/** The texts in quotes in the source, without comments. */
function literalsOf(file: string, source: string): Text[] {
  const code = source.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
  const quoted = code.match(/"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`|'(?:[^'\\\n]|\\.)*'/g) ?? [];
  return quoted.map((text) => ({ place: file, text: text.slice(1, -1) }));
}

const sources = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts"))
  .flatMap((file) => literalsOf(`src/${file}`, readFileSync(join(root, "src", file), "utf8")));

const helpPages = readdirSync(join(root, "src/help"), { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".md"))
  .map((file) => `src/help/${file}`);

const pages = ["README.md", "CHANGELOG.md", ...helpPages].map((place) => ({
  place,
  text: readFileSync(join(root, place), "utf8").replaceAll(/\s+/g, " "),
}));

function wrongIn(texts: readonly Text[]): string[] {
  return texts.flatMap(({ place, text }) =>
    banned.flatMap(([phrase, said]) => {
      const found = phrase.exec(text);
      if (found === null) return [];
      const around = text.slice(Math.max(0, found.index - 40), found.index + 60);
      return [`${place}: "${around}": ${said}`];
    }),
  );
}

describe("the English of user-facing texts", () => {
  it("contains no rewritten phrase in the source", () => {
    expect(sources.length).toBeGreaterThan(3000);
    expect(wrongIn(sources)).toEqual([]);
  });

  it.each(pages)("contains no rewritten phrase in $place", (page) => {
    expect(wrongIn([page])).toEqual([]);
  });

  it.each([
    ['const a = "next run never while it is paused";', 1],
    ["const a = `the name ${b} fits several`;", 1],
    ["throw new UsageError('the profile in force');", 1],
    ["/** What is in force. */ const a = 1;", 0],
    ["// It matches nothing.", 0],
  ])("is checked in %s", (source, count) => {
    expect(wrongIn(literalsOf("x.ts", source))).toHaveLength(count);
  });
});
