import { initialWords } from "./read/shape.js";
import { spreadPattern } from "./spread.js";

const text = { type: "string", minLength: 1 } as const;
/** A text that a variable makes something else. */
const variable = { type: "string", pattern: "\\$\\{" } as const;

const names = { type: "array", minItems: 1, maxItems: 1000, items: text } as const;

/** The manifest's JSON Schema (draft 2020-12), for editors: `herm automations apply --print-schema`. */
export const manifestSchema = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  title: "Automations of Herm",
  description:
    "What `herm automations apply` makes true in a deployment. ${name} is a variable, ${name:-default} has a default, $${ is a plain ${.",
  type: "object",
  additionalProperties: false,
  anyOf: [{ required: ["automations"] }, { required: ["removed"] }, { required: ["leaving"] }],
  properties: {
    $schema: { type: "string" },
    deployments: {
      ...names,
      description:
        "Ids or exact names. Without them and customers: the deployment that is otherwise chosen. Flags replace them.",
    },
    customers: {
      ...names,
      description:
        "Ids: all deployments of these customers, beside those that are named. Flags replace them.",
    },
    automations: {
      type: "array",
      maxItems: 1000,
      items: { $ref: "#/$defs/automation" },
    },
    for: { $ref: "#/$defs/named", description: "Deployments that all of this file is for; left out: all." },
    not: { $ref: "#/$defs/named", description: "Deployments that none of this file is for." },
    defaults: {
      type: "object",
      additionalProperties: false,
      description: "What an automation of this file is where it doesn't say so itself.",
      properties: {
        tz: { $ref: "#/$defs/automation/properties/tz" },
        spread: { $ref: "#/$defs/automation/properties/spread" },
        initial: { $ref: "#/$defs/automation/properties/initial" },
        enabled: { $ref: "#/$defs/automation/properties/enabled" },
      },
    },
    leaving: {
      ...names,
      description:
        "Ids or exact names of deployments in which nothing is made, and what the record has is deleted.",
    },
    values: {
      $ref: "#/$defs/values",
      description:
        "What ${name} is in this file: a map, or a list of maps, of which those with for are for some.",
    },
    record: {
      ...text,
      description:
        "The file that keeps which automations apply made or adopted; relative to this file, and in its git repository or folder. What isn't in it isn't touched.",
      examples: ["herm.lock.yaml"],
    },
    removed: {
      description: "Names, or ids, of automations that are deleted if they are there.",
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
          description: "What the record has it as, in place of its name: it may be renamed then.",
        },
        name: { ...text, description: "What it is matched by, within a deployment, where it has no id." },
        schedule: {
          ...text,
          description: "Words or a cron of five fields; in UTC unless tz says otherwise.",
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
            "Each deployment fires at a minute of its own, up to so much later: for a schedule with one minute of the hour, or, up to n minutes, every n minutes.",
          examples: ["45m", "2h"],
        },
        instructions: { ...text, description: "What the agent does on each run." },
        instructions_file: {
          ...text,
          description:
            "A file of UTF-8 text with the instructions; relative to this file, and in its git repository or folder.",
        },
        enabled: {
          anyOf: [{ type: "boolean" }, variable],
          default: true,
          description:
            "false pauses. true counts at creation only: what is found paused stays paused, unless --resume-paused is given.",
        },
        initial: {
          description:
            "Fields that are set at creation and then are the customer's: neither compared nor changed. all: create it, and change nothing.",
          type: "array",
          items: { anyOf: [{ enum: initialWords }, variable] },
        },
        formerly: { ...text, description: "An old name, to rename the automation from." },
        dst_ok: {
          anyOf: [{ type: "boolean" }, variable],
          default: false,
          description:
            "true says that it is meant that daylight saving skips or doubles its time on a day of the year: no warning tells it.",
        },
        for: {
          $ref: "#/$defs/named",
          description:
            "Deployments that it is for; left out: all. Of one name the one meant most narrowly counts.",
        },
        not: { $ref: "#/$defs/named", description: "Deployments that it isn't for, whatever for says." },
      },
    },
    named: {
      type: "object",
      additionalProperties: false,
      minProperties: 1,
      properties: {
        deployments: { ...names, description: "Ids, and globs on names." },
        customers: { ...names, description: "Ids." },
      },
    },
    /** The form of a file of values too. */
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
