/**
 * Planted bugs in what is decided, and when: the start, the trial and its verdict, the ladder, the watchdog.
 *
 * Each is one that a real update system had, or that somebody would write. What finds them: docs/design/chaos.md.
 */
import { type Plant, plant } from "./plant.js";

const SLOTS = "src/ota/slots.ts";
const HISTORY = "src/ota/history.ts";
const CLASS = "src/ota/reset-class.ts";

export const PLANTS_OF_JUDGEMENT: readonly Plant[] = Object.freeze([
  {
    name: "BOOT is written behind the firmware's own modules",
    kinds: "bad",
    edits: [
      {
        file: SLOTS,
        find: "    let fault = faultOf(() => this.#log.boot({ imageId, slot, reason: resetReason, resetClass }));",
        replace:
          "    const start = { imageId, slot, reason: resetReason, resetClass };\n" +
          "    this.recordBoot = () => void faultOf(() => this.#log.boot(start));\n" +
          "    let fault: string | undefined;",
      },
      {
        file: SLOTS,
        find: "  #report: BootReport | undefined;",
        replace: "  recordBoot = (): void => {};\n  #report: BootReport | undefined;",
      },
      {
        file: "src/core.ts",
        find: "    this.scheduler.start();\n    this.watchdog.start();",
        replace: "    this.slots.recordBoot();\n    this.scheduler.start();\n    this.watchdog.start();",
      },
    ],
  },
  plant(
    "an image is kept before it has shown that it can fetch",
    "lying",
    "src/updater/updater.ts",
    "    return this.#proof.isEnough;",
    "    return true;",
  ),
  plant(
    "otadata before the journal at the confirm",
    "single",
    SLOTS,
    '    assert(this.#isTrial, "confirm: a trial is running");\n',
    '    assert(this.#isTrial, "confirm: a trial is running");\n    this.#bootEntries.settle(this.#slot("confirm"));\n',
  ),
  plant(
    "the security version is a floor before the image is confirmed",
    "single",
    "src/ota/floors.ts",
    "    if (record.type !== RecordType.floor) return;",
    "    if (record.type === RecordType.pending) this.#floors.security = Math.max(this.#floors.security, record.second);\n" +
      "    if (record.type !== RecordType.floor) return;",
  ),
  plant(
    "the attempts of a trial are counted anew at each start",
    "bad",
    HISTORY,
    "this.#trial = { ...trial, hasBooted: true };",
    "this.#trial = { ...trial, hasBooted: true, attemptCount: 0 };",
  ),
  plant(
    "a reset by the supply is taken for a fault",
    "resets",
    CLASS,
    '    case "powerOn":\n    case "brownOut":\n      return "environment";',
    '    case "powerOn":\n    case "brownOut":\n      return "fault";',
  ),
  plant(
    "a fault is taken for a reset by the supply",
    "bad",
    CLASS,
    '      return evidence.isPlanned ? "planned" : "fault";',
    '      return evidence.isPlanned ? "planned" : "environment";',
  ),
  plant(
    "quarantine bars a release's number, and not an image's hash",
    "two",
    "src/ota/quarantine.ts",
    "    return index >= 0 && releaseNumber <= this.#images[index]!.releaseNumber;",
    "    return (index >= 0 || this.#images.length > 0) && this.#images.some((image) => releaseNumber <= image.releaseNumber);",
  ),
  plant(
    "the watchdog is fed by a timer, whoever is late",
    "bad",
    "src/watchdog/watchdog.ts",
    "    if (!this.isHealthy()) return; // Unfed: the hardware restarts the device.\n",
    "",
  ),
  plant(
    "a planned restart leaves no PLANNED",
    "bad",
    SLOTS,
    "    faultOf(() => this.#log.planned(this.#runningImageId, cause));\n    this.#reset();",
    "    if (cause.length > 0) this.#reset();",
  ),
  {
    name: "an image on trial may write the other slot",
    kinds: "two",
    edits: [
      {
        file: SLOTS,
        find:
          "    if (slot === undefined || this.#isTrial || this.#isRestarting || " +
          "this.#report?.fault !== undefined) return false;\n",
        replace: "    if (slot !== undefined && this.#isTrial) return true;\n    if (slot === undefined) return false;\n",
      },
      {
        file: "src/updater/verdict.ts",
        find: "  if (slots.isTrial) return { ...postpone(",
        replace: "  if (clock.now() < 0) return { ...postpone(",
      },
    ],
  },
  plant(
    "an escalation writes PLANNED",
    "bad",
    SLOTS,
    "    faultOf(() => this.#log.fault(this.#runningImageId, cause));",
    '    faultOf(() => this.#log.planned(this.#runningImageId, cause === "escalation" ? "user" : "retry"));',
  ),
  plant(
    "an older PLANNED is accepted",
    "bad",
    HISTORY,
    "    this.#planned = record.type === RecordType.planned ? record : undefined;",
    "    if (record.type === RecordType.planned) this.#planned = record;",
  ),
  plant(
    "the ladder takes an image that is in quarantine",
    "the ladder",
    "src/ota/situation.ts",
    '  if (history.isQuarantined(id)) return "quarantined";\n',
    "",
  ),
  plant(
    "ARMED is written behind otadata",
    "single",
    SLOTS,
    "    this.#log.armed({ imageId, slot: other }, isFallback);\n    this.#bootEntries.arm(other, slot);",
    "    this.#bootEntries.arm(other, slot);\n    this.#log.armed({ imageId, slot: other }, isFallback);",
  ),
  plant(
    "the own entry is not programmed once more behind a cut",
    "single",
    SLOTS,
    '    if (slot !== undefined && resetClass === "environment") fault ??= faultOf(() => this.#entries!.strengthen(slot));\n',
    "",
  ),
]);
