import { UsageError } from "../errors.js";
import type { FilePlace } from "./mistake.js";
import { isDeploymentVariable, isVariableName, type Variable } from "./variables.js";

/** What every manifest may use without setting it; known only when the deployment is. */
export const deploymentVariables = ["deployment.id", "deployment.name", "deployment.customer_id"] as const;

/** The values of a deployment's own variables. */
export type DeploymentValues = Record<(typeof deploymentVariables)[number], string>;

/** What a variable is, and who says so. */
export interface Value {
  text: string;
  /** Where it stands in a file; else `--var`, `default`, `deployment` and such. */
  from: FilePlace | string;
}

/** All values of one source. */
export interface ValueLayer {
  /** What people call it: `--var`, or a file's name. */
  source: string;
  values: ReadonlyMap<string, Value>;
}

/** The values of one manifest; a later layer beats those before it. Pure. */
export class ValueLayers {
  constructor(private readonly layers: readonly ValueLayer[]) {}

  /** Every name that is set, for whomever. */
  get names(): string[] {
    return [...new Set(this.layers.flatMap(({ values }) => [...values.keys()]))];
  }

  /** What a variable is for every deployment; `open` where that takes a deployment, undefined where it is never set. */
  fixed({ name, fallback }: Variable): Value | "open" | undefined {
    if (isOwn(name)) return "open";
    const value = this.layers.findLast(({ values }) => values.has(name))?.values.get(name);
    return orFallback(value, fallback);
  }

  /** What a variable is for one deployment; undefined where it isn't set. */
  valueFor({ name, fallback }: Variable, deployment: DeploymentValues): Value | undefined {
    const value = isOwn(name) ? { text: deployment[name], from: "deployment" } : undefined;
    return orFallback(value, fallback);
  }
}

function isOwn(name: string): name is keyof DeploymentValues {
  return deploymentVariables.some((each) => each === name);
}

/** As in a shell, `:-` stands in for what is empty too. */
function orFallback(value: Value | undefined, fallback: string | undefined): Value | undefined {
  if (fallback === undefined || (value !== undefined && value.text !== "")) return value;
  return { text: fallback, from: "default" };
}

/** Reads `--var k=v`, several; of one name the last counts. Throws UsageError. */
export function readVariables(assignments: readonly string[]): ValueLayer {
  const values = new Map<string, Value>();
  for (const assignment of assignments) {
    const at = assignment.indexOf("=");
    const name = assignment.slice(0, Math.max(at, 0));
    if (at === -1) throw new UsageError(`--var takes name=value, not "${assignment}"`);
    if (!isVariableName(name)) {
      throw new UsageError(`--var "${name}" is no variable's name`, {
        hint: "letters, digits, _, - and . can stand in it; a letter or _ begins it",
      });
    }
    if (isDeploymentVariable(name)) {
      throw new UsageError(`--var can't set ${name}: deployment.* is each deployment's own`);
    }
    values.set(name, { text: assignment.slice(at + 1), from: "--var" });
  }
  return { source: "--var", values };
}
