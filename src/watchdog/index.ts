/** Named channels over the hardware watchdog, and the record of who was late. */
export {
  CHANNEL_NAME_LENGTH_MAX,
  Channel,
  type ChannelKind,
  type ChannelOptions,
  type ChannelStatus,
  type LateCause,
} from "./channel.js";
export { Watchdog, type WatchdogOptions } from "./watchdog.js";
export { takeWatchdogRecord, WATCHDOG_RECORD_SIZE_BYTES, type WatchdogCause, type WatchdogRecord } from "./watchdog-record.js";
