/** The contracts between a firmware and the world: types only, nothing of them reaches a device. */
export type { Clock } from "./clock.js";
export type { Digest, DigestConstructor } from "./digest.js";
export type { FlashOpenOptions, FlashPartition, FlashStatus, FlashStorage } from "./flash.js";
export type { DevicePromise, Host, HostLevel, Main, Shortfall } from "./host.js";
export type {
  HTTPClient,
  HTTPClientConstructor,
  HTTPClientDefault,
  HTTPClientOptions,
  HTTPRequest,
  HTTPRequestOptions,
  SecureOptions,
} from "./http-client.js";
export type {
  I2C,
  I2CConstructor,
  I2CDefault,
  I2COptions,
  SMBus,
  SMBusConstructor,
  SMBusDefault,
  SMBusOptions,
} from "./i2c.js";
export type {
  KeyValueDomain,
  KeyValueFormat,
  KeyValueOpenOptions,
  KeyValueStorage,
  KeyValueValue,
} from "./key-value.js";
export type { Random } from "./random.js";
export type { RetainedMemory } from "./retained-memory.js";
export type { ResetReason, System } from "./system.js";
export type { Timer, TimerConstructor, TimerOptions } from "./timer.js";
export type { Update, UpdateOpenOptions, UpdateStorage } from "./update.js";
export type { Verifier, VerifyRequest } from "./verifier.js";
export type { WallClock, WallClockQuality } from "./wall-clock.js";
export type { WatchdogTimer, WatchdogTimerConstructor, WatchdogTimerOptions } from "./watchdog-timer.js";
