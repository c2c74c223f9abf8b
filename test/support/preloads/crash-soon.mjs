/** Loaded before the command in tests: something that nothing catches, its words a terminal's escape and the key. */
setTimeout(
  () => {
    throw new Error(`boom \u001b[31m ${process.env.HERM_API_KEY}`);
  },
  Number(process.env.TEST_CRASH_MS ?? 300),
);
