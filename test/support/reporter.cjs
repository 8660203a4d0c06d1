"use strict";
// Mocha's "spec" reporter, closed by one line that names the counts: `N passed, N failed, N skipped`.
const Mocha = require("mocha");

module.exports = class ClosingReporter extends Mocha.reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.once("end", () => {
      const { passes, failures, pending } = this.stats;
      // Spec prints its epilogue at the same event; the closing line comes after it.
      setImmediate(() => {
        console.log(`${passes} passed, ${failures} failed, ${pending} skipped`);
      });
    });
  }
};
