/** Spec: every situation that a start can meet hits exactly one row of the decision table. */
import {
  type ConfirmedClaim,
  DECISION_TABLE,
  decide,
  type OtherImage,
  type OwnEntry,
  rowsFor,
  type Situation,
  type SlotKnowledge,
  type TrialFate,
} from "../../../src/ota/decision.js";
import type { Rung } from "../../../src/ota/ladder.js";
import { equal, ok } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";

const SLOTS: readonly SlotKnowledge[] = ["known", "unknown"];
const OWN: readonly OwnEntry[] = ["confirmed", "pending", "unstated", "unsettled"];
const FATES: readonly TrialFate[] = ["none", "running", "cut", "ended", "tired", "faulted", "exhausted", "sentAway"];
const CLAIMS: readonly ConfirmedClaim[] = ["own", "other", "neither"];
const OTHERS: readonly OtherImage[] = ["armed", "whole", "outdated", "quarantined", "broken"];
const RUNGS: readonly Rung[] = ["ground", "probe", "essential", "fallback", "safe"];

function everySituation(): Situation[] {
  const all: Situation[] = [];
  for (const slot of SLOTS)
    for (const own of OWN)
      for (const fate of FATES)
        for (const claim of CLAIMS)
          for (const other of OTHERS) for (const rung of RUNGS) all.push({ slot, own, fate, claim, other, rung });
  return all;
}

function every(what: string, holds: (situation: Situation) => boolean): void {
  for (const situation of everySituation()) ok(holds(situation), `${what}: ${JSON.stringify(situation)}`);
}

const arms = (actions: readonly string[]): boolean =>
  ["rearm", "revert", "fallBack"].some((action) => actions.includes(action));
const actionsOf = (situation: Situation): readonly string[] => decide(situation).actions;

describe("the decision table", () => {
  it(`has one row for each of ${everySituation().length} situations`, () => {
    for (const situation of everySituation()) {
      const rows = rowsFor(situation);
      ok(
        rows.length === 1,
        `${JSON.stringify(situation)} meets ${rows.length} rows: ${rows.map((row) => row.name).join(", ")}`,
      );
      equal(decide(situation), rows[0]);
    }
  });

  it("has no row that nothing meets, and no two of one name", () => {
    const met = new Set(everySituation().map((situation) => decide(situation).name));
    equal(met.size, DECISION_TABLE.length);
    for (const row of DECISION_TABLE) ok(met.has(row.name), row.name);
  });

  it("writes nothing where the running slot is unknown", () => {
    every("unknown slot", (situation) => situation.slot === "known" || actionsOf(situation).length === 0);
  });

  it("quarantines only what failed by itself", () => {
    every("quarantine", (situation) => !actionsOf(situation).includes("quarantine") || situation.fate === "faulted");
  });

  it("arms only a whole image that is not in quarantine, and never while the running image is on trial", () => {
    every("arm", (situation) => {
      const row = decide(situation);
      return !arms(row.actions) || (row.mode === "normal" && (situation.other === "armed" || situation.other === "whole"));
    });
  });

  it("takes the other image for a crashing one only on the fifth rung, and only where no trial is open", () => {
    every("fall back", (situation) => {
      const isTaken = actionsOf(situation).includes("fallBack");
      return !isTaken || (situation.rung === "fallback" && situation.fate === "none");
    });
  });

  it("lets an image wait that the power took more than once, and nothing else", () => {
    every("wait", (situation) => {
      const { mode } = decide(situation);
      return mode !== "waiting" || (situation.fate === "tired" && situation.other === "armed");
    });
  });

  it("settles the own entry before it arms, where it is not in order", () => {
    every("settle first", (situation) => {
      const actions = actionsOf(situation);
      return !arms(actions) || situation.own === "confirmed" || actions[0] === "settle";
    });
  });

  it("never confirms an image that has no CONFIRMED in the journal and is pending", () => {
    every("no free confirm", (situation) => {
      // Where nothing else would boot, an image that was sent away is all that there is.
      const isPending = situation.slot === "known" && situation.own === "pending" && situation.fate !== "sentAway";
      return !isPending || situation.claim === "own" || decide(situation).mode === "trial";
    });
  });

  it("closes or goes on with every open trial that has ended", () => {
    const closing = ["quarantine", "reject", "rearm"];
    every("no trial is forgotten", (situation) => {
      const hasEnded = !["none", "running", "sentAway"].includes(situation.fate);
      if (situation.slot === "unknown" || !hasEnded || situation.own === "pending") return true;
      const { actions, mode } = decide(situation);
      return mode === "waiting" || actions.some((action) => closing.includes(action));
    });
  });
});
