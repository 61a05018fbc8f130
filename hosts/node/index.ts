/**
 * The Node host: every port in memory or over processes, virtual chips, virtual time, the bootloader's model, the simulator.
 */

export type { BusTransfer, Chip, RawFlash } from "../simulated/chip.js";
export { openFlashStorage } from "../simulated/flash.js";
export { createI2C } from "../simulated/i2c.js";
export { openKeyValueStorage } from "../simulated/key-value.js";
export { createRetainedMemory } from "../simulated/retained-memory.js";
export { createSMBus } from "../simulated/smbus.js";
export { createSystem } from "../simulated/system.js";
export { openUpdateStorage } from "../simulated/update.js";
export { createWallClock } from "../simulated/wall-clock.js";
export { createWatchdogTimer } from "../simulated/watchdog-timer.js";
export { type BootloaderOptions, type BootResult, runBootloader } from "./bootloader.js";
export { DDIServer } from "./ddi/ddi-server.js";
export type { DDIServerOptions } from "./ddi/ddi-server-options.js";
export type { FeedbackRecord } from "./ddi/feedback-record.js";
export type { DeploymentOffer } from "./ddi/software-module.js";
export { Digest } from "./digest.js";
export { HTTPClient, HTTPSClient } from "./http-client.js";
export { type BusDevice, I2CBus } from "./i2c-bus.js";
export { type FlashStep, NorFlash, type NorFlashOptions } from "./nor-flash.js";
export { type OpenHostOptions, openHost, readPartitions } from "./open-host.js";
export { createRandom, createSeededRandom } from "./random.js";
export { RealTime } from "./real-time.js";
export { type CutReport, DeviceProcess, type DeviceProcessOptions } from "./simulator/device-process.js";
export {
  DEFAULT_FLASH_SIZE_BYTES,
  DEFAULT_PARTITIONS_CSV,
  type FactoryOptions,
  flashFactory,
  isBlankFlash,
  writeFactory,
} from "./simulator/factory.js";
export type { FirmwareBundles } from "./simulator/firmware-bundle.js";
export { buildFirmwareImage, type FirmwareImageOptions, readFirmwareBundles } from "./simulator/firmware-image.js";
export { type FlashReport, inspectFlash, inspectSnapshot, type SlotReport } from "./simulator/inspect.js";
export { type ChipEvent, SimulatedChip, type SimulatedChipOptions } from "./simulator/simulated-chip.js";
export { verifier } from "./verifier.js";
export { VirtualChip, type VirtualChipOptions } from "./virtual-chip.js";
export { VirtualTMP102 } from "./virtual-chips/tmp102.js";
export { type Life, VirtualDevice, type VirtualDeviceOptions } from "./virtual-device.js";
export { VirtualTime } from "./virtual-time.js";
