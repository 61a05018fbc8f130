/** What each reset reason says about the image that ran before it, with and without PLANNED in the journal. */

import {
  classifyReset,
  RESET_CLASS_NUMBER,
  RESET_REASON_NUMBER,
  type ResetClass,
  resetClassOf,
} from "../../../src/ota/reset-class.js";
import type { ResetReason } from "../../../src/ports/system.js";
import { equal } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";

const TABLE: readonly { reason: ResetReason; unplanned: ResetClass; planned: ResetClass; why: string }[] = [
  { reason: "powerOn", unplanned: "environment", planned: "environment", why: "somebody pulled the plug" },
  { reason: "brownOut", unplanned: "environment", planned: "environment", why: "the supply gave way" },
  { reason: "deepSleep", unplanned: "planned", planned: "planned", why: "nothing sleeps by accident" },
  { reason: "software", unplanned: "fault", planned: "planned", why: "memory full looks like a wanted restart" },
  { reason: "panic", unplanned: "fault", planned: "fault", why: "also while a wanted restart is under way" },
  { reason: "unknown", unplanned: "unknown", planned: "planned", why: "what nobody can tell judges nobody" },
];

describe("a reset", () => {
  for (const { reason, unplanned, planned, why } of TABLE) {
    it(`${reason} is ${unplanned}${planned === unplanned ? "" : `, or ${planned} after PLANNED`}: ${why}`, () => {
      for (const isExplained of [false, true]) {
        const evidence = { isExplained, isTrialLost: false };
        equal(classifyReset(reason, { ...evidence, isPlanned: false }), unplanned);
        equal(classifyReset(reason, { ...evidence, isPlanned: true }), planned);
      }
    });
  }

  it("watchdog is a fault where our watchdog left its record, else unproven: brown-outs are reported as watchdog, too", () => {
    for (const isPlanned of [false, true]) {
      const evidence = { isPlanned, isTrialLost: false };
      equal(classifyReset("watchdog", { ...evidence, isExplained: true }), "fault");
      equal(classifyReset("watchdog", { ...evidence, isExplained: false }), "unproven");
    }
  });

  it("is unproven where an image was armed, has left no record, and another one runs", () => {
    const evidence = { isExplained: false, isTrialLost: true };
    equal(classifyReset("software", { ...evidence, isPlanned: true }), "unproven");
    // The old image panicked between ARMED and otadata, and the new one, which had not run, was put in quarantine for it.
    for (const reason of ["software", "panic", "watchdog"] as const)
      equal(classifyReset(reason, { ...evidence, isPlanned: false, isExplained: true }), "unproven", reason);
    equal(classifyReset("powerOn", { ...evidence, isPlanned: true }), "environment", "the power may have gone before it");
  });

  it("of a reason that a later host invents is unknown, or wanted where it was", () => {
    equal(classifyReset("lightning" as ResetReason, { isPlanned: true, isExplained: true, isTrialLost: false }), "planned");
    equal(
      classifyReset("lightning" as ResetReason, { isPlanned: true, isExplained: true, isTrialLost: true }),
      "unknown",
      "where an armed image should have started",
    );
  });

  it("has numbers on flash that never change", () => {
    equal({ ...RESET_CLASS_NUMBER }, { environment: 1, planned: 2, fault: 3, unknown: 4, unproven: 5 });
    equal(
      { ...RESET_REASON_NUMBER },
      { unknown: 0, powerOn: 1, brownOut: 2, software: 3, panic: 4, watchdog: 5, deepSleep: 6 },
    );
  });

  it("class comes back from its number, and unknown from any other", () => {
    for (const [name, number] of Object.entries(RESET_CLASS_NUMBER)) equal(resetClassOf(number), name);
    for (const number of [0, 6, 255, -1, 2.5, Number.NaN]) equal(resetClassOf(number), "unknown");
  });
});
