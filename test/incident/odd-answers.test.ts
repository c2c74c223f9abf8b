import { expect, it } from "vitest";
import { startServer, temporaryFolder } from "../support/harness.js";
import { type Odd, oddIncident, oddText, placedAnswers, unseenTrials } from "./odd-answers.js";

/** Each odd response in one place, in turn; `npm run soak -- incident` tries them in every place. */
const someOf: readonly Odd[] = placedAnswers.filter((_, at) => at % 3 === Math.floor(at / 3) % 3);

it.each([...someOf, ...unseenTrials].map((odd) => [oddText(odd), odd] as const))(
  "an incident is reported correctly despite odd responses: %s",
  async (_, odd) => {
    const server = await startServer();
    expect(await oddIncident({ server, home: temporaryFolder(), odd })).toEqual([]);
  },
);
