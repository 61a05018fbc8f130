/**
 * Images that fail on trial, and images that are never asked to the end: the old image runs again, and the bad one is kept out.
 *
 * Each life goes from the offer to rest, through bootloader and boot authority, and is judged by the rows of the decision table
 * and by what stands in flash. Which failure costs how many attempts is left open within bounds.
 */
import { RecordType } from "../../../src/ota/journal-record.js";
import { ATTEMPT_COUNT_MAX } from "../../../src/ota/situation.js";
import type { Cut } from "../../harness/cut.js";
import { equal, ok } from "../../harness/expect.js";
import { before, describe, it } from "../../harness/spec.js";
import { type Beginning, firstUpdate } from "./update-beginnings.js";
import { recordsOf, UpdateWitness } from "./update-witness.js";
import { type Behaviour, idOf, UpdatingDevice } from "./updating-device.js";

/** An image that failed is tried once more at the most, where a loss of power hides how it ended. */
const BAD_TRIAL_COUNT_MAX = 2;
/** Lives of an image that crashes and of one that is never healthy, cut before each of their operations. */
const LIFE_COUNTS = Object.freeze({ crashes: 59, waits: 57 });

describe("an image on trial", () => {
  let beginning: Beginning;

  before(() => {
    beginning = firstUpdate();
  });

  /** A life of the device whose new image behaves like that; the old one has to run at its end, untouched. */
  function live(behaviour: Behaviour, cut?: Cut): UpdatingDevice {
    const { flash, validation, old, offer } = beginning;
    const witness = new UpdateWitness({ old, offer });
    const onlooker = {
      onOperation: witness.onOperation.bind(witness),
      onBootloader: witness.onBootloader.bind(witness),
    };
    const device = new UpdatingDevice({ flash, validation, offer, behaviour, cut, onlooker });
    device.run();
    const where = `${behaviour}${cut ? `, cut in operation ${cut.operation}` : ""}: ${device.decisions.join(", ")}`;
    equal(witness.violations, [], where);
    ok(device.isAtRest && !device.runsOffer && device.flash.holds("ota_0", old.words), `the old image is at rest: ${where}`);
    equal(recordsOf(device, RecordType.confirmed, idOf(offer.image)), [], `never confirmed: ${where}`);
    return device;
  }

  function isQuarantined(device: UpdatingDevice): boolean {
    return recordsOf(device, RecordType.quarantine, idOf(beginning.offer.image)).length > 0;
  }

  for (const behaviour of ["dies", "crashes", "hangs", "unhealthy"] as const) {
    it(`that ${behaviour === "unhealthy" ? "says that it is unhealthy" : behaviour} ends in quarantine`, () => {
      const device = live(behaviour);
      ok(isQuarantined(device), device.decisions.join(", "));
      ok(device.trialCount >= 1 && device.trialCount <= BAD_TRIAL_COUNT_MAX, `${device.trialCount} trials`);
    });
  }

  it("that is not healthy by the deadline is sent away, and is not banned", () => {
    const device = live("waits");
    equal([isQuarantined(device), device.trialCount], [false, 1]);
    equal(recordsOf(device, RecordType.rejected, idOf(beginning.offer.image)).length > 0, true);
  });

  for (const behaviour of ["unplugged", "restarts"] as const) {
    const what = behaviour === "unplugged" ? "is unplugged" : "restarts on purpose";
    it(`that ${what} each time is tried a few times, and is not banned`, () => {
      const device = live(behaviour);
      equal(isQuarantined(device), false);
      ok(device.trialCount > 1 && device.trialCount <= ATTEMPT_COUNT_MAX, `${device.trialCount} trials`);
      for (const row of ["re-arm", "give up"]) ok(device.decisions.includes(row), `${row}: ${device.decisions.join(", ")}`);
    });
  }

  for (const behaviour of ["crashes", "waits"] as const) {
    it(`that ${behaviour} is kept out wherever the power fails besides`, () => {
      const operationCount = live(behaviour).flash.operationCount;
      for (let operation = 0; operation < operationCount; operation++) {
        const device = live(behaviour, { operation, mode: "before", part: 0 });
        const where = `cut in operation ${operation}: ${device.decisions.join(", ")}`;
        equal(isQuarantined(device), behaviour === "crashes", where);
        ok(device.trialCount <= BAD_TRIAL_COUNT_MAX, `${device.trialCount} trials, ${where}`);
      }
      equal(operationCount, LIFE_COUNTS[behaviour]);
    });
  }
});
