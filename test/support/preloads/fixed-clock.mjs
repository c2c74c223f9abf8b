/** Loaded before the command in tests: its clock stands still at TEST_NOW. */
const at = Number(process.env.TEST_NOW);

globalThis.Date = class extends Date {
  constructor(...given) {
    super(...(given.length === 0 ? [at] : given));
  }

  static now() {
    return at;
  }
};
