/** Loaded before the command in tests: it crashes where it asks for the machine's time zone. */
Intl.DateTimeFormat = function DateTimeFormat() {
  throw new TypeError("boom");
};
