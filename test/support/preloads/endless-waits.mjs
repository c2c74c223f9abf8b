/** Loaded before the command in tests: what it would wait a second for, or longer, it waits for without end. */
const { setTimeout: wait } = globalThis;

globalThis.setTimeout = (work, ms = 0, ...given) => wait(work, ms < 1_000 ? ms : 2 ** 31 - 1, ...given);
