/** Loaded before the command in tests: the signal that `TEST_SIGNAL` names, once the command is at work. */
setTimeout(() => process.kill(process.pid, process.env.TEST_SIGNAL), 4_000);
