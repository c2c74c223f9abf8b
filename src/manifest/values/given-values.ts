import { UsageError } from "../../errors.js";
import type { Settings } from "../../settings/settings.js";
import { Audience } from "./audience.js";
import type { Value, ValueLayer } from "./value-layers.js";
import { isDeploymentVariable, isVariableName } from "./variables.js";

const prefix = "HERM_VAR_";

export function readVariables(assignments: readonly string[]): ValueLayer {
  const values = new Map<string, Value>();
  for (const assignment of assignments) {
    const at = assignment.indexOf("=");
    const name = assignment.slice(0, Math.max(at, 0));
    if (at === -1) throw new UsageError(`--var takes name=value, not "${assignment}"`);
    if (!isVariableName(name)) {
      throw new UsageError(`--var "${name}" isn't a variable name`, {
        hint: "use letters, digits, _, - and ., beginning with a letter or _",
      });
    }
    if (isDeploymentVariable(name)) throw ownError("--var", name);
    values.set(name, { text: assignment.slice(at + 1), from: `--var ${name}` });
  }
  return forEveryone(values);
}

export function readEnvironment(settings: Pick<Settings, "envOf">): ValueLayer {
  const values = new Map<string, Value>();
  for (const [variable, text] of settings.envOf(prefix)) {
    const name = variable.slice(prefix.length);
    if (isDeploymentVariable(name)) throw ownError(variable, name);
    values.set(name, { text, from: variable });
  }
  return forEveryone(values);
}

function forEveryone(values: ReadonlyMap<string, Value>): ValueLayer {
  return { entries: [{ audience: new Audience(), values }] };
}

function ownError(source: string, name: string): UsageError {
  return new UsageError(`${source} can't set ${name}: deployment.* is each deployment's own`);
}
