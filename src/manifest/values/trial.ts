import type { Mistake, Mistakes } from "../mistake.js";
import { Expander } from "./expand.js";
import type { Value, ValueLayers } from "./value-layers.js";
import { type DeploymentValues, isDeploymentVariable, type Template } from "./variables.js";

interface TrialOptions {
  layers: ValueLayers;
  /** False for a text that other trials read. */
  isMeant(template: Template): boolean;
  /** False for a value that other trials try: what holds it isn't known here. */
  isTaken(value: Value): boolean;
}

/** Expands what can be known of a deployment that is supposed; of everything else it says nothing. */
export class Trial extends Expander {
  constructor(
    base: Expander,
    private readonly trial: TrialOptions,
  ) {
    super(trial.layers, base.unusedLimits);
  }

  override textFor(template: Template, supposed: DeploymentValues, mistakes: Mistakes): string | undefined {
    if (!this.#isKnown(template, supposed)) return undefined;
    return super.textFor({ ...template, parts: template.rawParts }, supposed, mistakes);
  }

  override lineEndIn(template: Template, what: string, supposed: DeploymentValues): Mistake | undefined {
    if (!this.#isKnown(template, supposed)) return undefined;
    const mistake = super.lineEndIn(template, what, supposed);
    return mistake && { ...mistake, position: template.position };
  }

  #isKnown(template: Template, supposed: DeploymentValues): boolean {
    const { isMeant, isTaken } = this.trial;
    if (!isMeant(template)) return false;
    return template.variables.every((variable) => {
      const value = isDeploymentVariable(variable.name)
        ? undefined
        : this.layers.valueFor(variable, supposed);
      return value !== undefined && !value.isWrong && value.other === undefined && isTaken(value);
    });
  }
}
