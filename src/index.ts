/** Everything that a firmware imports from "holdfast": the core, its parts, and the types of the ports. */
export { AssertionError, assert } from "./assert.js";
export { type BootedHost, bootHost } from "./boot.js";
export { Core, type CoreOptions, type DeviceStatus } from "./core.js";
export { type ErrorCode, errorCodeOf, FirmwareError, messageOf } from "./errors.js";
export { deepFreeze } from "./freeze.js";
export * from "./ota/index.js";
export type * from "./ports/index.js";
export * from "./scheduler/index.js";
export * from "./statechart/index.js";
export * from "./supervisor/index.js";
export * from "./updater/index.js";
export * from "./watchdog/index.js";
