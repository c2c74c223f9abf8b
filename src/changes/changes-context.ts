import type { Context } from "../context.js";

export type ChangesContext = Pick<Context, "client" | "settings" | "now" | "monotonic" | "sleep" | "signal">;
