import type { Engine } from "../engine.js";
import { notFound, RefusedRequest } from "./answers.js";

export interface RoutedCall {
  request: Request;
  url: URL;
  /** The path's variable parts, decoded. */
  param(name: string): string;
}

type Handler = (engine: Engine, call: RoutedCall) => Response | Promise<Response>;

/** Path → method → handler. A part that starts with `:` is variable. */
export type Routes = Record<string, Partial<Record<string, Handler>>>;

/** Finds the handler for a request. Throws RefusedRequest: 404 for an unknown path, 405 for a wrong method. */
export function createRouter(
  engine: Engine,
  routes: Routes,
): (request: Request) => Response | Promise<Response> {
  const table = Object.entries(routes).map(([path, methods]) => ({
    parts: path.split("/"),
    methods: new Map(Object.entries(methods)),
  }));
  return (request) => {
    const url = new URL(request.url);
    const path = url.pathname.split("/");
    for (const { parts, methods } of table) {
      const params = matchParts(parts, path);
      if (!params) continue;
      const handler = methods.get(request.method);
      if (handler) return handler(engine, { request, url, param: (name) => params.get(name) ?? "" });
      const allow = [...methods.keys()].join(", ");
      throw new RefusedRequest(405, `${request.method} is not allowed here`, { allow });
    }
    throw notFound("path");
  };
}

function matchParts(parts: readonly string[], path: readonly string[]): Map<string, string> | undefined {
  if (parts.length !== path.length) return undefined;
  const params = new Map<string, string>();
  for (const [index, part] of parts.entries()) {
    const given = path[index] ?? "";
    if (part.startsWith(":")) params.set(part.slice(1), decode(given));
    else if (part !== given) return undefined;
  }
  return params;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new RefusedRequest(400, "the path is not valid");
  }
}
