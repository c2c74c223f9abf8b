import * as v from "valibot";
import { sleep } from "../api/abort.js";
import { answer } from "./http/answers.js";
import { check } from "./http/validate.js";
import { newId } from "./ids.js";

const wholeMs = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(600_000));
const bytes = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(Number.MAX_SAFE_INTEGER));
const status = v.pipe(v.number(), v.integer(), v.minValue(200), v.maxValue(599));
const answerFields = {
  body: v.optional(v.unknown()),
  headers: v.optional(
    v.record(v.pipe(v.string(), v.regex(/^[\w-]+$/)), v.pipe(v.string(), v.regex(/^[\x20-\x7e]*$/))),
  ),
};

const action = v.variant("type", [
  v.strictObject({ type: v.literal("fail"), status, ...answerFields }),
  v.strictObject({ type: v.literal("commit_then_fail"), status: v.optional(status, 500), ...answerFields }),
  v.strictObject({ type: v.literal("delay"), ms: wholeMs }),
  v.strictObject({ type: v.literal("commit_then_delay"), ms: wholeMs }),
  v.strictObject({ type: v.literal("cut"), after_bytes: v.optional(bytes) }),
  v.strictObject({ type: v.literal("commit_then_cut") }),
]);

const faultFields = v.strictObject({
  method: v.optional(v.picklist(["GET", "POST", "PATCH", "DELETE"])),
  path: v.optional(v.pipe(v.string(), v.startsWith("/"))),
  skip: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 0),
  count: v.optional(v.nullable(v.pipe(v.number(), v.integer(), v.minValue(1))), 1),
  action,
});

type FaultAction = v.InferOutput<typeof action>;
export type Fault = v.InferOutput<typeof faultFields> & { fault_id: string };

/** A broken connection: the socket is closed, and an in-process call rejects with this. */
export class BrokenConnectionError extends Error {
  override readonly name = "BrokenConnectionError";
  readonly code = "ECONNRESET";
}

/**
 * Simulated faults, for tests and demos; kept in memory. `POST /_dev/faults` accepts:
 *
 *     {"method"?: "POST", "path"?: "/v1/deployments/*\/automations", "skip"?: 0, "count"?: 1, "action": {…}}
 *
 * A fault applies to API requests (never to `/_dev/`) that have passed the checks of origin and key, and match the
 * method and path, if given. In a path `*` matches one part, `**` the rest. It skips `skip` of them, then acts on
 * `count` (`null`: all), and expires. If several faults match, the oldest acts. The actions:
 *
 * - `{"type":"fail","status":503,"body"?,"headers"?}`: responds so without carrying out the request. A string body is
 *   sent unchanged (HTML unless `headers` differ), any other as JSON; by default it is the API's own error.
 * - `{"type":"commit_then_fail","status"?:500,"body"?,"headers"?}`: carries it out, then responds so.
 * - `{"type":"delay","ms":2000}`: waits in real time, then carries it out; `commit_then_delay`: in reverse order.
 * - `{"type":"cut"}`: closes the connection; with `after_bytes` carries it out first, and closes the connection after
 *   this many bytes of the response body, even a stream's. `{"type":"commit_then_cut"}`: carries it out, then closes.
 *
 * `GET /_dev/faults` lists the remaining faults, `DELETE /_dev/faults` removes them.
 */
export class Faults {
  #faults: Fault[] = [];

  /** Interrupts delays when the server is `closing`. */
  constructor(private readonly closing: AbortSignal) {}

  add(body: unknown): Fault {
    const fault = { fault_id: newId("fault"), ...check(faultFields, body) };
    this.#faults.push(fault);
    return fault;
  }

  list(): readonly Fault[] {
    return this.#faults;
  }

  clear(): void {
    this.#faults = [];
  }

  /** Answers the request with `handle`, as modified by a matching fault. */
  async apply(request: Request, handle: () => Promise<Response>): Promise<Response> {
    const fault = this.#take(request);
    return fault ? this.#act(fault.action, handle) : handle();
  }

  #take(request: Request): Fault | undefined {
    const { pathname } = new URL(request.url);
    const fitting = this.#faults.filter(
      ({ method, path }) =>
        (method === undefined || method === request.method) &&
        (path === undefined || fitsPath(path, pathname)),
    );
    for (const fault of fitting) {
      if (fault.skip > 0) {
        fault.skip -= 1;
        continue;
      }
      if (fault.count !== null) fault.count -= 1;
      if (fault.count === 0) this.#faults = this.#faults.filter((other) => other !== fault);
      return fault;
    }
    return undefined;
  }

  async #act(action: FaultAction, handle: () => Promise<Response>): Promise<Response> {
    switch (action.type) {
      case "fail":
        return toResponse(action.status, action);
      case "commit_then_fail":
        await discard(await handle());
        return toResponse(action.status, action);
      case "delay":
        await this.#pause(action.ms);
        return handle();
      case "commit_then_delay": {
        const response = await handle();
        await this.#pause(action.ms);
        return response;
      }
      case "cut":
        if (action.after_bytes === undefined)
          throw new BrokenConnectionError("cut before the request was handled");
        return cutAfter(await handle(), action.after_bytes);
      case "commit_then_cut":
        await discard(await handle());
        throw new BrokenConnectionError("cut after the request was handled");
    }
  }

  async #pause(ms: number): Promise<void> {
    try {
      await sleep(ms, this.closing);
    } catch {
      throw new BrokenConnectionError("the server closed");
    }
  }
}

function toResponse(
  status: number,
  given: { body?: unknown; headers?: Record<string, string> | undefined },
): Response {
  const { body = { error: "server_error", message: "a simulated fault" }, headers = {} } = given;
  if (status === 204 || status === 205 || status === 304) return new Response(null, { status, headers });
  if (typeof body !== "string") return answer(status, body, headers);
  return new Response(body, { status, headers: { "content-type": "text/html; charset=utf-8", ...headers } });
}

async function discard(response: Response): Promise<void> {
  await response.body?.cancel();
}

function cutAfter(response: Response, limit: number): Response {
  const reader = response.body?.getReader();
  if (!reader) throw new BrokenConnectionError("cut after the request was handled");
  let left = limit;
  const source = {
    pull: async (controller: ReadableStreamDefaultController<Uint8Array>) => {
      const { value, done } = left > 0 ? await reader.read() : await breakOff(reader, limit);
      if (done) return controller.close();
      controller.enqueue(value.subarray(0, left));
      left -= value.byteLength;
    },
    cancel: (reason: unknown) => reader.cancel(reason),
  };
  return new Response(new ReadableStream(source, { highWaterMark: 0 }), response);
}

async function breakOff(reader: ReadableStreamDefaultReader<Uint8Array>, limit: number): Promise<never> {
  await reader.cancel();
  throw new BrokenConnectionError(`cut after ${limit} bytes`);
}

/** `*` matches one part of a path, `**` any number of parts. */
function fitsPath(pattern: string, path: string): boolean {
  const source = pattern.replace(/\*\*|[*.+?^${}()|[\]\\]/g, (part) =>
    part === "**" ? ".*" : part === "*" ? "[^/]*" : `\\${part}`,
  );
  return new RegExp(`^${source}$`).test(path);
}
