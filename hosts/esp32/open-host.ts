/**
 * Every port on the ESP32, from Moddable's modules and the native part: the one file that imports them.
 *
 * So the adapters beside it run wherever a stand-in for a module is handed to them, and what the host promises, and what not,
 * is said in one place. See docs/design/esp32-host.md.
 */

import TCP from "embedded:io/socket/tcp";
import UDP from "embedded:io/socket/udp";
import Resolver from "embedded:network/dns/resolver/udp";
import flashModule from "embedded:storage/flash";
import keyValueModule from "embedded:storage/key-value";
import updateModule from "embedded:update";
import { Digest as ModdableDigest } from "crypt";
import timeModule from "time";
import timerModule from "timer";
import { findRunningSlot } from "../../src/ota/running-slot.js";
import type { Host } from "../../src/ports/host.js";
import { createClock } from "./clock.js";
import { openFlashStorage } from "./flash.js";
import { createHTTPClient } from "./http/http-client.js";
import { httpDefault } from "./http-default.js";
import { openKeyValueStorage } from "./key-value.js";
import { createDigest } from "./moddable-digest.js";
import { openNativeChip, openVerifier } from "./native/chip.js";
import { createNativeDigest } from "./native-digest.js";
import { findBuses } from "./provider.js";
import { createRandom } from "./random.js";
import { createRetainedMemory } from "./retained-memory.js";
import { shortfallsOf } from "./shortfalls.js";
import { createSystem } from "./system.js";
import { createTimer } from "./timer.js";
import { openUpdateStorage } from "./update.js";
import { createWallClock } from "./wall-clock.js";
import { createWatchdogTimer } from "./watchdog-timer.js";

/** Opens all ports. Where there is no native part, deduces the running slot, which hashes the other slot once. */
export function openHost(): Host {
  const Timer = createTimer({ timer: timerModule });
  const clock = createClock({ time: timeModule, Timer });
  const chip = openNativeChip();
  const flash = openFlashStorage({ storage: flashModule });
  const Digest = chip ? createNativeDigest({ chip }) : createDigest({ Digest: ModdableDigest });
  const system = createSystem({
    chip,
    restart: () => System.restart(),
    runningSlot: chip ? undefined : findRunningSlot({ flash, Digest }),
  });
  const say = (line: string): void => trace(`${line}\n`);
  const provider = typeof device === "undefined" ? undefined : device;
  const { i2c, smbus } = findBuses({ device: provider });
  return Object.freeze({
    level: chip ? ("full" as const) : ("basic" as const),
    shortfalls: shortfallsOf({ isFull: chip !== undefined, runningSlot: system.runningSlot }),
    clock,
    Timer,
    wallClock: createWallClock({ time: timeModule, date: Date.now }),
    system,
    WatchdogTimer: createWatchdogTimer({ chip }),
    retainedMemory: createRetainedMemory({ chip }),
    random: createRandom(Math.random),
    Digest,
    verifier: openVerifier({ Digest, trace: say }),
    flash,
    keyValue: openKeyValueStorage({ storage: keyValueModule }),
    update: openUpdateStorage({ update: updateModule }),
    i2c: Object.freeze({ default: i2c }),
    smbus: Object.freeze({ default: smbus }),
    network: Object.freeze({
      http: Object.freeze({
        client: httpDefault({ device: provider, HTTPClient: createHTTPClient({ Timer }), TCP, UDP, Resolver }),
      }),
    }),
    trace: say,
  });
}
