/**
 * What the models of ESP-IDF's own update schemes have to show before anybody may compare with them: the known facts.
 *
 * One configuration and a few lives here; test/sim/peers has all of them. See docs/design/peers.md.
 */
import {
  entryWrittenAtMarkInvalid,
  entryWrittenAtMarkValid,
  type IDFVersion,
  lastInvalidSlot,
} from "../../../hosts/simulated/esp-ota.js";
import { encodeOtaEntry, type OtaEntry, OtaState, readOtaEntry } from "../../../src/image/otadata.js";
import { equal, ok } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { type PeerLife, type PeerLifeOptions, runPeerLife } from "../../sim/peers/peer-life.js";
import { PEER_CONFIGURATIONS, type PeerConfiguration, preparePeer } from "../../sim/peers/peer-scenario.js";
import { faultsOf, isAtOtadata } from "../../sim/peers/run-peers.js";
import { SCHEMES, type SchemeName } from "../../sim/peers/scheme.js";
import { againBytes, outcomeOf } from "../../sim/peers/survival.js";

const SEED = 20_261_124;
const NAMES: readonly SchemeName[] = ["default", "rollback", "rollbackOnce"];
const [SLOT_0] = PEER_CONFIGURATIONS as readonly [PeerConfiguration];
const SLOT_1_SKIPPED: PeerConfiguration = { runningSlot: 1, validation: "skipped" };

type What = Omit<PeerLifeOptions, "scenario" | "seed">;

describe("ESP-IDF's update schemes, modelled", () => {
  const scenarios = new Map(NAMES.map((name) => [name, preparePeer(SCHEMES[name], SLOT_0)]));
  const live = (name: SchemeName, what: What): PeerLife => runPeerLife({ ...what, scenario: scenarios.get(name)!, seed: SEED });
  const outcomes = (what: What): string[] => NAMES.map((name) => outcomeOf(live(name, what)));

  it("update without a fault, with one download, from either slot", () => {
    for (const name of NAMES) {
      for (const configuration of PEER_CONFIGURATIONS) {
        const life = runPeerLife({ scenario: preparePeer(SCHEMES[name], configuration), seed: SEED });
        equal(`${outcomeOf(life)} ${againBytes(life)} ${life.wasTold}`, "updated 0 true");
      }
    }
  });

  it("live the same life again from the same seed", () => {
    const what: What = { faults: [{ kind: "operation", operation: 40, mode: "bits" }] };
    equal(live("rollback", what), live("rollback", what));
  });

  it("throw a healthy image away where power fails on trial, but not where there is no trial", () => {
    equal(outcomes({ resetsOnTrial: 1 }), ["updated", "refetched", "stranded"]);
    const life = live("rollback", { resetsOnTrial: 3 });
    equal(againBytes(life), 3 * life.imageSizeBytes);
  });

  it("boot a crashing image for ever without rollback, and with it fetch it for ever or never again", () => {
    equal(outcomes({ behaviour: "panics" }), ["badKept", "retried", "sentBack"]);
    equal(outcomes({ behaviour: "unhealthy" }), ["badKept", "retried", "sentBack"]);
  });

  it("keep a hanging image where the watchdog does not restart the chip", () => {
    equal(outcomes({ behaviour: "hangs" }), ["badKept", "retried", "sentBack"]);
    equal(outcomes({ behaviour: "hangs", watchdog: false }), ["badKept", "badKept", "badKept"]);
  });

  it("fetch all of it again after a cut at otadata, but for one place", () => {
    const { operations } = live("rollback", {});
    const cuts = faultsOf(operations).filter((fault) => fault.mode === "before" && isAtOtadata(operations, fault));
    // Selected: erase, program. By the bootloader: erase, program. Marked valid: erase, program.
    const expected = ["refetched", "refetched", "updated", "refetched", "refetched", "refetched"];
    equal(
      cuts.map((fault) => outcomeOf(live("rollback", { faults: [fault] }))),
      expected,
    );
  });

  it("tell the server of an image that the flash did not let them mark", () => {
    const { operations } = live("rollbackOnce", {});
    // The last two are the erase and the program of the mark. Erased, the entry does not even say that the image failed.
    const marked = (name: SchemeName, fromLast: number): string =>
      outcomeOf(live(name, { faults: [{ kind: "operation", operation: operations.length - fromLast, mode: "error" }] }));
    equal([marked("rollback", 2), marked("rollback", 1)], ["refetched", "refetched"]);
    equal([marked("rollbackOnce", 2), marked("rollbackOnce", 1)], ["confirmedLost", "refetched"]);
  });

  it("boot half an image where otadata was damaged and nobody validates", () => {
    for (const name of ["default", "rollback"] as const) {
      const what = { faults: [{ kind: "operation", operation: 40, mode: "before" }], rot: true, seed: SEED } as const;
      equal(outcomeOf(runPeerLife({ ...what, scenario: preparePeer(SCHEMES[name], SLOT_1_SKIPPED) })), "partialBooted");
      const validated = preparePeer(SCHEMES[name], { ...SLOT_1_SKIPPED, validation: "always" });
      equal(outcomeOf(runPeerLife({ ...what, scenario: validated })), "updated");
    }
  });
});

describe("ESP-IDF's marks in otadata", () => {
  const { new: fresh, pendingVerify, valid, invalid, aborted } = OtaState;
  const pair = (...entries: readonly (readonly [number, number])[]): [OtaEntry, OtaEntry] =>
    entries.map(([sequence, state]) => readOtaEntry(encodeOtaEntry(sequence, state))) as [OtaEntry, OtaEntry];
  const rules = { idf: "6.0" as IDFVersion, rollback: true, slotCount: 2 };

  it("are made in the entry in force, whichever slot runs", () => {
    equal(entryWrittenAtMarkValid(pair([1, valid], [2, pendingVerify])), { index: 1, sequence: 2, state: valid });
    equal(entryWrittenAtMarkValid(pair([3, fresh], [2, valid])), { index: 0, sequence: 3, state: valid });
    equal(entryWrittenAtMarkValid(pair([1, valid], [2, aborted])), undefined);
  });

  it("say invalid only where the other entry could boot", () => {
    const mark = entryWrittenAtMarkInvalid(pair([1, valid], [2, pendingVerify]), rules);
    equal(mark, { change: { index: 1, sequence: 2, state: invalid }, slotBack: 0 });
    equal(entryWrittenAtMarkInvalid(pair([1, aborted], [2, pendingVerify]), rules), undefined);
  });

  it("are remembered: of two that failed, the one with the smaller number", () => {
    equal(lastInvalidSlot(pair([1, valid], [2, valid]), rules), undefined);
    equal(lastInvalidSlot(pair([1, valid], [2, aborted]), rules), 1);
    equal(lastInvalidSlot(pair([3, aborted], [2, invalid]), rules), 1);
    const torn = pair([1, valid], [2, aborted]);
    torn[1].crc ^= 1;
    ok(lastInvalidSlot(torn, rules) === undefined, "an entry with a wrong crc says nothing");
  });
});
