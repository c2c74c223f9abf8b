import { type JsonNode, JsonTextError, readJsonTree } from "../../files/json-tree.js";
import { isDeploymentId } from "../../fleet/refs.js";
import type { DeploymentPlan } from "../fleet-plan.js";
import { looksLikeManifest } from "../folder.js";
import { Lines } from "../lines.js";
import { ManifestError, type MistakeDetails } from "../mistake.js";
import { ownFileText } from "../own-file.js";
import { ItemReader } from "./read-item.js";
import { deploymentKeys, headKeys, looksLikePlan, type PlanHead, planVersion, targetKeys } from "./shape.js";
import { PlanTaker } from "./take.js";

/** A plan as a file has it, ready to be carried out. */
export interface SavedPlan extends PlanHead {
  plans: DeploymentPlan[];
}

/** Far above what 10,000 items take. */
const limits = { mostLevels: 12, mostValues: 1_000_000 };

const planFile: MistakeDetails = {
  what: "the plan",
  hint: "make it anew: herm automations apply --file <manifest> --plan-out <file>",
};

/** Reads the text of a plan's file. Throws ManifestError with everything that is wrong with it. */
export function readPlan(text: string, file: string): SavedPlan {
  refuseOther(text, file);
  const take = new PlanTaker(new Lines(file, text));
  const plan = new PlanReader(take).read(treeOf(text, take));
  take.mistakes.throwIfAny([], planFile);
  // Without a mistake nothing is missing.
  return plan as SavedPlan;
}

/** Throws ManifestError for a file of another kind, by how it begins. */
function refuseOther(text: string, file: string): void {
  if (looksLikePlan(text)) return;
  const own = ownFileText(text);
  if (own === undefined && !looksLikeManifest(text)) return;
  const message = own === undefined ? "this looks like a manifest, which --file takes" : `this is ${own}`;
  throw new ManifestError([{ place: { file, line: 1, column: 1 }, message }], planFile);
}

function treeOf(text: string, take: PlanTaker): JsonNode | undefined {
  // It is always written as an escape: as itself it stands for bytes that were no text.
  const broken = text.indexOf("\ufffd");
  if (broken !== -1) {
    take.add(broken, "is not UTF-8");
    return undefined;
  }
  try {
    return readJsonTree(text, limits);
  } catch (error) {
    if (!(error instanceof JsonTextError)) throw error;
    take.add(error.at, `no plan: ${error.message}`);
    return undefined;
  }
}

type HeadKey = (typeof headKeys)[number];

class PlanReader {
  constructor(private readonly take: PlanTaker) {}

  read(root: JsonNode | undefined): Partial<SavedPlan> {
    const { take } = this;
    if (!this.#isOfThisVersion(root)) return {};
    const fields = take.fields<HeadKey>(root, "a plan", {
      must: headKeys.filter((key) => key !== "record"),
      may: ["record"],
    });
    const texts = take
      .list(fields?.get("texts"), "texts")
      .map((node) => take.text(node, "a text", { mayBeBlank: true }) ?? "");
    take.text(fields?.get("made_by"), "made_by");
    const madeAt = take.fitting(fields?.get("made_at"), "made_at", {
      fits: isTime,
      must: "a time such as 2026-01-31T09:00:00.000Z",
    });
    const record = take.text(fields?.get("record"), "record");
    const plans = this.#deployments(fields?.get("deployments"), new ItemReader(take, texts));
    const target = this.#target(fields?.get("target"));
    return { madeAt: new Date(madeAt ?? 0), target, record, plans };
  }

  /** What another version has is no mistake of it, and not told as one. */
  #isOfThisVersion(root: JsonNode | undefined): boolean {
    const entries = root?.kind === "object" ? root.entries : [];
    const version = entries.find(({ key }) => key === "herm_plan")?.value;
    if (root === undefined || (version?.kind === "scalar" && version.value === planVersion)) return true;
    const what =
      version === undefined ? "no plan: herm_plan is missing" : "a plan of another version of herm";
    this.take.add((version ?? root).at, what, `this one reads "herm_plan": ${planVersion}`);
    return false;
  }

  #target(node: JsonNode | undefined): PlanHead["target"] {
    const fields = this.take.fields(node, "target", { must: ["origin"], may: targetKeys });
    return {
      origin: this.take.text(fields?.get("origin"), "origin") ?? "",
      store_id: this.take.text(fields?.get("store_id"), "store_id"),
    };
  }

  #deployments(node: JsonNode | undefined, items: ItemReader): DeploymentPlan[] {
    const known = new Set<string>();
    return this.take
      .list(node, "deployments")
      .flatMap((each) => this.#deployment(each, { known, items }) ?? []);
  }

  #deployment(
    node: JsonNode,
    { known, items }: { known: Set<string>; items: ItemReader },
  ): DeploymentPlan | undefined {
    const { take } = this;
    const keys = { must: ["deployment_id", "name", "items"], may: deploymentKeys } as const;
    const fields = take.fields<(typeof deploymentKeys)[number]>(node, "a deployment", keys);
    const idNode = fields?.get("deployment_id");
    const id = take.fitting(idNode, "deployment_id", { fits: isDeploymentId, must: "a deployment's id" });
    const name = take.text(fields?.get("name"), "name");
    const customerId = take.text(fields?.get("customer_id"), "customer_id");
    const lines = fields?.get("recorded");
    const recorded = lines && take.list(lines, "recorded").flatMap((line) => take.text(line, "a line") ?? []);
    const read = items.read(fields?.get("items"));
    if (id === undefined || name === undefined) return undefined;
    if (known.has(id)) take.add(idNode?.at ?? 0, `${id} appears twice`);
    known.add(id);
    const target = { deploymentId: id, name, customerId, isNamed: true };
    return { target, items: read, known: new Set(), isPassedOver: false, recorded };
  }
}

function isTime(text: string): boolean {
  const time = new Date(text);
  return !Number.isNaN(time.getTime()) && time.toISOString() === text;
}
