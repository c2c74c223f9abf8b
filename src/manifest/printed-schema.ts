import { spreadPattern } from "./spread.js";

const text = { type: "string", minLength: 1 } as const;
/** Text that consists of a variable. */
const variable = { type: "string", pattern: "\\$\\{" } as const;

const names = { type: "array", minItems: 1, maxItems: 1000, items: text } as const;

/** The manifest's JSON Schema (draft 2020-12), for editors: `herm apply --print-schema`. */
export const manifestSchema = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  title: "Automations of Herm",
  description:
    "The automations that `herm apply` creates in a deployment. ${name} is a variable, ${name:-default} has a default, and $${ is a literal ${.",
  type: "object",
  additionalProperties: false,
  anyOf: [{ required: ["automations"] }, { required: ["removed"] }],
  properties: {
    $schema: { type: "string" },
    deployments: {
      ...names,
      description: "Ids or exact names; flags override them. Without deployments: the current deployment.",
    },
    automations: {
      type: "array",
      maxItems: 1000,
      items: { $ref: "#/$defs/automation" },
    },
    for: { $ref: "#/$defs/named", description: "Deployments that this file is for; default: all." },
    not: {
      $ref: "#/$defs/named",
      description: "Deployments that this file isn't for; --prune deletes its automations there.",
    },
    defaults: {
      type: "object",
      additionalProperties: false,
      description: "Defaults for the automations of this file.",
      properties: {
        tz: { $ref: "#/$defs/automation/properties/tz" },
        spread: { $ref: "#/$defs/automation/properties/spread" },
        initial: { $ref: "#/$defs/automation/properties/initial" },
        enabled: { $ref: "#/$defs/automation/properties/enabled" },
      },
    },
    values: {
      $ref: "#/$defs/values",
      description:
        "The value of ${name} in this file: a map, or a list of maps; a map with for applies only to those deployments.",
    },
    removed: {
      description: "Names or ids of automations to delete if they exist.",
      type: "array",
      maxItems: 1000,
      items: text,
    },
  },
  $defs: {
    automation: {
      type: "object",
      additionalProperties: false,
      required: ["name", "schedule"],
      oneOf: [{ required: ["instructions"] }, { required: ["instructions_file"] }],
      properties: {
        id: {
          type: "string",
          pattern: "^[A-Za-z0-9-]{1,128}$|\\$\\{",
          description: "Its key in the record, in place of its name, so that it can be renamed.",
        },
        name: { ...text, description: "Identifies it within a deployment, unless it has an id." },
        schedule: {
          ...text,
          description: "Words or a five-field cron expression; in UTC unless tz says otherwise.",
          examples: ["every Monday at 9am", "every 15 minutes", "0 9 * * 1-5"],
        },
        tz: {
          ...text,
          description: "The time zone of schedule; converted to UTC each time the manifest is applied.",
          examples: ["Europe/Berlin"],
        },
        spread: {
          anyOf: [{ type: "string", pattern: spreadPattern }, variable],
          description:
            "Each deployment runs at its own minute, at most this much later. For schedules that use one minute of the hour, or run every n minutes (then at most n minutes).",
          examples: ["45m", "2h"],
        },
        instructions: { ...text, description: "The task for the agent on each run." },
        instructions_file: {
          ...text,
          description:
            "A file of UTF-8 text with the instructions; relative to this file, and in its git repository or folder.",
        },
        enabled: {
          anyOf: [{ type: "boolean" }, variable],
          default: true,
          description:
            "false pauses it. true counts only at creation: a paused automation stays paused, unless --resume-paused is given.",
        },
        initial: {
          anyOf: [{ type: "boolean" }, variable],
          default: false,
          description: "true: created once, then left to the customer: never updated or pruned.",
        },
        formerly: { ...text, description: "The old name, if you rename the automation." },
        for: {
          $ref: "#/$defs/named",
          description:
            "Deployments that it is for; default: all. If several items share a name, the most specific counts.",
        },
        not: { $ref: "#/$defs/named", description: "Deployments that it isn't for, even if in for." },
      },
    },
    named: {
      type: "object",
      additionalProperties: false,
      minProperties: 1,
      properties: {
        deployments: { ...names, description: "Ids, or globs for names." },
        customers: { ...names, description: "Ids." },
      },
    },
    values: {
      anyOf: [{ $ref: "#/$defs/entry" }, { type: "array", maxItems: 1000, items: { $ref: "#/$defs/entry" } }],
    },
    entry: {
      type: "object",
      properties: { for: { $ref: "#/$defs/named" }, not: { $ref: "#/$defs/named" } },
      propertyNames: { pattern: "^(?!deployment(\\.|$))[A-Za-z_][A-Za-z0-9_.-]*$" },
      additionalProperties: {
        anyOf: [
          { type: "string", pattern: "^([^$]|\\$(?!\\{)|\\$\\$\\{)*$" },
          { type: "number" },
          { type: "boolean" },
        ],
      },
    },
  },
} as const;
