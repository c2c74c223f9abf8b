import { isObject, tryJson } from "../../api/json.js";
import { commandLine } from "../../command-line/next-command.js";
import type { AnsweringServer, Context } from "../../context.js";
import { NothingFoundError, NotPossibleError, UsageError } from "../../errors.js";
import { chooseDataFile, type DataChoice } from "./flags.js";

/** Throws NothingFoundError where no server uses the data. */
export async function findServer(context: Context, choice: DataChoice): Promise<AnsweringServer> {
  const dataFile = chooseDataFile(context, choice);
  const { findOwner } = await import("../../dev-server/owner.js");
  const owner = await findOwner(context.settings.files, dataFile);
  if (owner !== undefined) return owner;
  throw new NothingFoundError(`no server uses ${dataFile}`, {
    hint:
      choice.data === undefined
        ? "herm dev starts one, and so does --local or --profile example on any command"
        : `${commandLine(context, ["dev", "--data", choice.data])} starts one`,
  });
}

/**
 * Sends a request below `/_dev/` (src/dev-server/README.md). Throws UsageError, NothingFoundError or NotPossibleError
 * for what is refused, and as `findServer`.
 */
export async function askServer(
  context: Context,
  choice: DataChoice,
  { method, path, body }: { method: string; path: string; body?: object },
): Promise<unknown> {
  const { url, apiKey } = await findServer(context, choice);
  const { requestServer } = await import("../../dev-server/request-server.js");
  const headers = { authorization: `Bearer ${apiKey}`, "content-type": "application/json" };
  const answer = await requestServer(method, `${url}/_dev/${path}`, headers, body && JSON.stringify(body));
  if (answer === undefined) throw new NotPossibleError("the local server did not answer within 10 s");
  const value = tryJson(answer.text);
  if (answer.status < 400) return value;
  const message = isObject(value) && typeof value.message === "string" ? value.message : answer.text;
  if (answer.status === 404) throw new NothingFoundError(message);
  throw answer.status === 400 ? new UsageError(message) : new NotPossibleError(message);
}
