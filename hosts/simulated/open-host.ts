/**
 * Every port over one simulated chip, on whatever engine: what the Node host and the XS host have in common.
 *
 * What only an engine can give (time, randomness, a digest, the network) comes in; all else is made here from the chip. So what
 * a test runs in virtual time is what a simulated device runs.
 */
import { FirmwareError } from "../../src/errors.js";
import type { Partition } from "../../src/image/partition.js";
import { PARTITION_TABLE_OFFSET, PARTITION_TABLE_SIZE_BYTES, parsePartitionTable } from "../../src/image/partition-table.js";
import type { Clock } from "../../src/ports/clock.js";
import type { DigestConstructor } from "../../src/ports/digest.js";
import type { Host } from "../../src/ports/host.js";
import type { HTTPClientConstructor, HTTPClientDefault } from "../../src/ports/http-client.js";
import type { Random } from "../../src/ports/random.js";
import type { TimerConstructor } from "../../src/ports/timer.js";
import type { Verifier } from "../../src/ports/verifier.js";
import type { Chip, RawFlash } from "./chip.js";
import { openFlashStorage } from "./flash.js";
import { createI2C } from "./i2c.js";
import { openKeyValueStorage } from "./key-value.js";
import { createRetainedMemory } from "./retained-memory.js";
import { createSMBus } from "./smbus.js";
import { createSystem } from "./system.js";
import { type IDFVersion, openUpdateStorage } from "./update.js";
import { createWallClock } from "./wall-clock.js";
import { createWatchdogTimer } from "./watchdog-timer.js";

/** Pins of the board's one bus; any would do. */
const BUS_PINS = Object.freeze({ data: 5, clock: 6, hz: 400_000 });

export interface OpenHostOptions {
  readonly chip: Chip;
  readonly time: { readonly clock: Clock; readonly Timer: TimerConstructor };
  readonly random: Random;
  readonly Digest: DigestConstructor;
  readonly verifier: Verifier;
  readonly HTTPClient: HTTPClientConstructor;
  /** The same over TLS. Default: none. */
  readonly HTTPSClient?: HTTPClientConstructor | undefined;
  /** Whose otadata effects `update.complete()` has. Default "5.5". */
  readonly idf?: IDFVersion;
  /** Whether the bootloader was built with rollback. Default true. */
  readonly rollback?: boolean;
}

/** The partitions of a flash. Throws `corrupt` where there is no table at 0x8000. */
export function readPartitions(flash: RawFlash): readonly Partition[] {
  return parsePartitionTable(flash.read(PARTITION_TABLE_OFFSET, PARTITION_TABLE_SIZE_BYTES)).partitions;
}

/** Opens all ports. Throws `corrupt` for a flash without a partition table, `missing` for one without `nvs`. */
export function openHost(options: OpenHostOptions): Host {
  const { chip, time, Digest, HTTPClient, HTTPSClient } = options;
  const partitions = readPartitions(chip.flash);
  const nvs = partitions.find((partition) => partition.label === "nvs");
  if (!nvs) throw new FirmwareError("missing", "the partition table has no nvs; expected one for key-value storage");
  const running = chip.runningSlot === undefined ? {} : { runningSlot: chip.runningSlot };
  const I2C = createI2C(chip);
  return Object.freeze({
    level: "full" as const,
    shortfalls: Object.freeze([]),
    clock: time.clock,
    Timer: time.Timer,
    wallClock: createWallClock({ clock: time.clock }),
    system: createSystem(chip),
    WatchdogTimer: createWatchdogTimer(chip),
    retainedMemory: createRetainedMemory(chip),
    random: options.random,
    Digest,
    verifier: options.verifier,
    flash: openFlashStorage({ flash: chip.flash, partitions, ...running }),
    keyValue: openKeyValueStorage({ flash: chip.flash, partition: nvs }),
    update: openUpdateStorage({
      flash: chip.flash,
      partitions,
      ...running,
      idf: options.idf ?? "5.5",
      rollback: options.rollback ?? true,
      Digest,
    }),
    i2c: Object.freeze({ default: Object.freeze({ io: I2C, ...BUS_PINS }) }),
    smbus: Object.freeze({ default: Object.freeze({ io: createSMBus(I2C), ...BUS_PINS }) }),
    network: Object.freeze({ http: clientOf(HTTPClient), https: HTTPSClient && clientOf(HTTPSClient) }),
    trace: (line: string) => chip.trace(line),
  });
}

/** What a provider offers of one class. */
function clientOf(io: HTTPClientConstructor): { readonly client: HTTPClientDefault } {
  return Object.freeze({ client: Object.freeze({ io, socket: Object.freeze({}), dns: Object.freeze({}) }) });
}
