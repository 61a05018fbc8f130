/**
 * Mocha's dot reporter, with the number of specs on a line of its own at the end: `N passed, N failed`.
 *
 * Some thousand specs are too many to list on each run; what fails is told in full. The last line is for machines.
 */
const { reporters, Runner } = require("mocha");

class PlainReporter extends reporters.Dot {
  constructor(runner, options) {
    super(runner, options);
    runner.once(Runner.constants.EVENT_RUN_END, () => {
      const { passes, failures, pending } = this.stats;
      console.log(`${passes} passed, ${failures} failed${pending > 0 ? `, ${pending} skipped` : ""}`);
    });
  }
}

module.exports = PlainReporter;
