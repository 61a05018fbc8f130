/** Who this device is to those who sign its updates: what the firmware was built with, and what the factory wrote. */
import { publicKeysOf, type UpdateIdentity } from "holdfast";
import { DEPLOY_KEYS, RELEASE_KEYS } from "holdfast/keys";
import type { Settings } from "./settings.js";

const VENDOR = "example.com";
const DEVICE_CLASS = "sensor-node";

export function identityOf(settings: Settings): UpdateIdentity {
  return {
    vendor: VENDOR,
    deviceClass: DEVICE_CLASS,
    hardwareRevision: settings.hardwareRevision,
    device: settings.device,
    releaseKeys: publicKeysOf(RELEASE_KEYS),
    deployKeys: publicKeysOf(DEPLOY_KEYS),
  };
}
