/** The codes of src/api/README.md, "Errors", and those that plain HTTP adds. */
const codes = {
  400: "validation_error",
  401: "unauthorized",
  403: "forbidden",
  404: "not_found",
  405: "method_not_allowed",
  409: "deployment_not_ready",
  413: "payload_too_large",
  415: "unsupported_media_type",
  429: "rate_limited",
  500: "server_error",
} as const;

type RefusalStatus = keyof typeof codes;

/** A refused request: thrown by a route, and sent to the client as `{"error","message"}`. */
export class RefusedRequest extends Error {
  override readonly name = "Refusal";

  constructor(
    readonly status: RefusalStatus,
    message: string,
    readonly headers: Record<string, string> = {},
    readonly code: string = codes[status],
  ) {
    super(message);
  }

  toResponse(): Response {
    return answer(this.status, { error: this.code, message: this.message }, this.headers);
  }
}

export function notFound(thing: string): RefusedRequest {
  return new RefusedRequest(404, `no such ${thing}`);
}

/** A JSON response with its length, so that truncation is noticed. */
export function answer(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  const bytes = new TextEncoder().encode(JSON.stringify(body));
  return new Response(bytes, {
    status,
    headers: { "content-type": "application/json", "content-length": String(bytes.byteLength), ...headers },
  });
}

export function noContent(): Response {
  return new Response(null, { status: 204 });
}

export function timestamp(time: number): string {
  return new Date(time).toISOString();
}

export function timestampOrNull(time: number | null): string | null {
  return time === null ? null : timestamp(time);
}
