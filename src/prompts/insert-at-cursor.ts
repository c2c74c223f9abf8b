import { Interface } from "node:readline";

const isExplicit = new WeakMap<Interface, boolean>();

/**
 * Makes Node's readline put what comes in one piece, pasted or typed fast, where the cursor is. Node 20 switches its
 * completion off within such a piece, and then puts all but the last character at the line's end. Safe to call again.
 */
export function insertAtCursor(): void {
  Object.defineProperty(Interface.prototype, "isCompletionEnabled", {
    configurable: true,
    get(this: Interface) {
      // At the end both ways come to the same, and Node's is the fast one.
      return this.cursor < this.line.length || (isExplicit.get(this) ?? true);
    },
    set(this: Interface, value: boolean) {
      isExplicit.set(this, value);
    },
  });
}
