import type { JsonNode } from "../../files/json-tree.js";
import { isAutomationId } from "../../fleet/refs.js";
import { readSchedule } from "../../schedule/read.js";
import type { ItemTemplate } from "../item-template.js";
import { excerpt, type FilePlace } from "../mistake.js";
import type { ActualAutomation, ManifestChanges, PlanItem } from "../plan-item.js";
import { type ItemAction, itemKeys, sawKeys, setKeys, templateKeys, templateMakers } from "./shape.js";
import type { Fields, PlanTaker } from "./take.js";

type ItemKey = (typeof itemKeys)[ItemAction]["must" | "may"][number];

/** Only a hand or a foe writes a longer one. */
const mostReasonCharacters = 500;

/** Reads the items of a plan; what is wrong goes to the taker's mistakes, and such an item is left out. */
export class ItemReader {
  constructor(
    private readonly take: PlanTaker,
    private readonly texts: readonly string[],
  ) {}

  /** Those of one deployment. */
  read(node: JsonNode | undefined): PlanItem[] {
    const seen = new Map<string, JsonNode>();
    return this.take.list(node, "items").flatMap((item) => {
      const change = this.#item(item);
      const id = change?.automationId;
      if (id !== undefined && seen.has(id)) this.take.add(item.at, `${id} appears twice`);
      if (id !== undefined) seen.set(id, item);
      return change ?? [];
    });
  }

  #item(node: JsonNode): PlanItem | undefined {
    const { take } = this;
    const action = this.#action(node);
    if (action === undefined) return undefined;
    const fields = take.fields<ItemKey>(node, `an item to ${action}`, itemKeys[action]);
    const automationId = this.#id(fields?.get("automation_id"), "automation_id");
    const set = this.#set(fields?.get("set"), action);
    const before = this.#saw(fields?.get("saw"), automationId);
    const told = {
      key: take.text(fields?.get("key"), "key"),
      reason: this.#reason(fields?.get("reason")),
      place: this.#place(fields?.get("at")),
      template: this.#template(fields?.get("template")),
    };
    if (action === "delete") {
      const stays = this.#id(fields?.get("stays"), "stays");
      return before && { action, name: before.name, automationId, before, stays, ...told };
    }
    const beside = this.#beside(fields);
    const most = 24 * 60;
    const spreadMinutes = take.whole(fields?.get("spread_minutes"), "spread_minutes", {
      most,
      must: "minutes",
    });
    if (set === undefined || (action === "update" && before === undefined)) return undefined;
    const changes = changesOf(set, before);
    const name = set.name ?? before?.name ?? "";
    const isRename = action === "update" && set.name !== undefined;
    return {
      action: isRename ? "rename" : action,
      name,
      automationId,
      changes,
      before,
      beside,
      spreadMinutes,
      ...told,
    };
  }

  #action(node: JsonNode): ItemAction | undefined {
    const actions = Object.keys(itemKeys) as ItemAction[];
    if (node.kind !== "object") {
      this.take.fields(node, "an item", { must: [] });
      return undefined;
    }
    const given = node.entries.find(({ key }) => key === "action")?.value;
    const action = actions.find((each) => given?.kind === "scalar" && each === given.value);
    if (action === undefined) this.take.add((given ?? node).at, `action must be ${actions.join(", ")}`);
    return action;
  }

  #set(node: JsonNode | undefined, action: ItemAction): Partial<SetFields> | undefined {
    const { take } = this;
    const needed = action === "create" ? (["name", "schedule", "instructions"] as const) : [];
    const fields = take.fields<(typeof setKeys)[number]>(node, "set", { must: needed, may: setKeys });
    if (node === undefined || fields === undefined) return undefined;
    if (fields.size === 0) take.add(node.at, "set has no field");
    return {
      name: take.text(fields.get("name"), "name"),
      schedule: this.#schedule(fields.get("schedule")),
      instructions: this.#text(fields.get("instructions"), { mayBeBlank: false }),
      enabled: take.boolean(fields.get("enabled"), "enabled"),
    };
  }

  #schedule(node: JsonNode | undefined): string | undefined {
    const text = this.take.text(node, "schedule");
    if (node === undefined || text === undefined) return undefined;
    const reading = readSchedule(text);
    if (reading.ok) return text;
    this.take.add(node.at, `the schedule "${excerpt(text)}" can't be read: ${reading.reason}`);
    return undefined;
  }

  #saw(node: JsonNode | undefined, automationId: string | undefined): ActualAutomation | undefined {
    const { take } = this;
    const must = ["name", "schedule", "enabled"] as const;
    const fields = take.fields<(typeof sawKeys)[number]>(node, "saw", { must, may: sawKeys });
    const name = take.text(fields?.get("name"), "name", { mayBeBlank: true });
    const schedule = take.text(fields?.get("schedule"), "schedule", { mayBeBlank: true });
    const enabled = take.boolean(fields?.get("enabled"), "enabled");
    const instructions = this.#text(fields?.get("instructions"), { mayBeBlank: true });
    const thread = fields?.get("thread_id");
    const isNoThread = thread?.kind === "scalar" && thread.value === null;
    const thread_id = isNoThread ? null : take.text(thread, "thread_id", { mayBeBlank: true });
    const updated_at = take.text(fields?.get("updated_at"), "updated_at");
    if (name === undefined || schedule === undefined || enabled === undefined) return undefined;
    return {
      automation_id: automationId ?? "",
      name,
      schedule,
      enabled,
      instructions,
      thread_id,
      updated_at,
    };
  }

  #text(node: JsonNode | undefined, { mayBeBlank }: { mayBeBlank: boolean }): string | undefined {
    const number = this.take.whole(node, "instructions", {
      most: this.texts.length - 1,
      must: "the number of a text",
    });
    const text = number === undefined ? undefined : this.texts[number];
    if (node === undefined || text === undefined || mayBeBlank || text.trim() !== "") return text;
    this.take.add(node.at, "instructions is empty");
    return undefined;
  }

  #id(node: JsonNode | undefined, what: string): string | undefined {
    return this.take.fitting(node, what, { fits: isAutomationId, must: "an automation's id" });
  }

  #beside(fields: Fields<ItemKey> | undefined): string[] | undefined {
    const node = fields?.get("beside");
    return node && this.take.list(node, "beside").flatMap((id) => this.#id(id, "beside") ?? []);
  }

  #reason(node: JsonNode | undefined): string | undefined {
    const must = `at most ${mostReasonCharacters} characters`;
    return this.take.fitting(node, "reason", { fits: ({ length }) => length <= mostReasonCharacters, must });
  }

  #place(node: JsonNode | undefined): FilePlace | undefined {
    const must = "a place such as herm.yaml:3:5";
    const text = this.take.fitting(node, "at", { fits: (each) => place.test(each), must });
    const [, file = "", line, column] = place.exec(text ?? "") ?? [];
    return text === undefined ? undefined : { file, line: Number(line), column: Number(column) };
  }

  #template(node: JsonNode | undefined): ItemTemplate | undefined {
    const { take } = this;
    const must = ["name", "varying"] as const;
    const fields = take.fields<(typeof templateKeys)[number]>(node, "template", { must, may: templateKeys });
    const name = take.text(fields?.get("name"), "name");
    const varying = take
      .list(fields?.get("varying"), "varying")
      .flatMap((each) => take.word(each, "varying", setKeys) ?? []);
    const by = take.word(fields?.get("by"), "by", templateMakers);
    return name === undefined ? undefined : { name, varying: new Set(varying), by };
  }
}

const place = /^(.+):([1-9]\d{0,6}):([1-9]\d{0,6})$/s;

interface SetFields {
  name: string;
  schedule: string;
  instructions: string;
  enabled: boolean;
}

function changesOf(
  { name, schedule, instructions, enabled }: Partial<SetFields>,
  before: ActualAutomation | undefined,
): ManifestChanges {
  return {
    ...(name !== undefined && { name: { from: before?.name ?? null, to: name } }),
    ...(schedule !== undefined && { schedule: { from: before?.schedule ?? null, to: schedule } }),
    ...(instructions !== undefined && {
      instructions: { from: before?.instructions ?? null, to: instructions },
    }),
    ...(enabled !== undefined && { enabled: { from: before?.enabled ?? null, to: enabled } }),
  };
}
