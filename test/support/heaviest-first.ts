import { BaseSequencer, type TestSpecification } from "vitest/node";
import { alone, heaviest, slowFiles } from "./projects.js";

/** Starts the slowest files first and the fastest last, so that no core waits for a single file at the end. */
export default class HeaviestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const order = [...heaviest, alone, ...slowFiles()];
    const rank = ({ moduleId }: TestSpecification) => {
      const at = order.findIndex((file) => moduleId.endsWith(`/${file}`));
      return at === -1 ? order.length : Math.min(at, heaviest.length + 1);
    };
    return (await super.sort(files)).sort((one, other) => rank(one) - rank(other));
  }
}
