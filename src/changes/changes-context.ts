import type { Context } from "../context.js";

/** What sending a change takes. */
export type ChangesContext = Pick<Context, "client" | "settings" | "now" | "monotonic" | "sleep" | "signal">;
