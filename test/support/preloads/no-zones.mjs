/** Loaded before the command in tests: crashes it when it reads the machine's time zone. */
Intl.DateTimeFormat = function DateTimeFormat() {
  throw new TypeError("boom");
};
