/**
 * Loaded before the command in tests: as soon as the file TEST_WHEN exists, sends the signal in TEST_SIGNAL or, without
 * one, throws an uncaught error whose message is a terminal escape and the key.
 */
import { existsSync } from "node:fs";

const { TEST_WHEN, TEST_SIGNAL, HERM_API_KEY } = process.env;

const looking = setInterval(() => {
  if (!existsSync(TEST_WHEN)) return;
  clearInterval(looking);
  if (TEST_SIGNAL === undefined) throw new Error(`boom \u001b[31m ${HERM_API_KEY}`);
  process.kill(process.pid, TEST_SIGNAL);
}, 10);
