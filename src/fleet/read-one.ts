import type { Herm } from "../api/client.js";
import { NotFoundError } from "../api/errors.js";
import type { RequestOptions } from "../api/request-options.js";
import type { Automation } from "../api/types.js";

/** Every page of a deployment's automations; `strays`: what came without an id. */
export async function listAll(
  client: Herm,
  deploymentId: string,
  options: RequestOptions,
): Promise<{ data: Automation[]; strays: unknown[] }> {
  const all = { data: [] as Automation[], strays: [] as unknown[] };
  for await (const page of client.automations.list(deploymentId, { limit: 100 }, options).pages()) {
    all.data.push(...page.data);
    all.strays.push(...(page.strays ?? []));
  }
  return all;
}

/** What a request gives; nothing where what it is about isn't there any more. */
export async function unlessGone<T>(request: Promise<T>): Promise<T | undefined> {
  try {
    return await request;
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
}
