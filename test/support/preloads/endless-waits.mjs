/** Loaded before the command in tests: waits of a second or longer never end. */
const { setTimeout: wait } = globalThis;

globalThis.setTimeout = (work, ms = 0, ...given) => wait(work, ms < 1_000 ? ms : 2 ** 31 - 1, ...given);
