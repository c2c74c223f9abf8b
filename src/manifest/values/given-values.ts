import { UsageError } from "../../errors.js";
import type { Value, ValueLayer } from "./value-layers.js";
import { Audience, isDeploymentVariable, isVariableName } from "./variables.js";

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
    if (isDeploymentVariable(name))
      throw new UsageError(`--var can't set ${name}: deployment.* is each deployment's own`);
    values.set(name, { text: assignment.slice(at + 1), from: `--var ${name}` });
  }
  return { entries: [{ audience: new Audience(), values }] };
}
