/** The settings of a device that is switched off, written as the factory writes them, and as text: where its server is. */
import { NorFlash } from "../../hosts/node/nor-flash.js";
import { readPartitions } from "../../hosts/node/open-host.js";
import { openKeyValueStorage } from "../../hosts/simulated/key-value.js";
import { FirmwareError } from "../../src/errors.js";

/** The flash with these settings; the others stay. Throws `missing` where the partition table has no `nvs`. */
export function withSettings(bytes: Uint8Array, settings: Readonly<Record<string, string>>): Uint8Array {
  const flash = NorFlash.from(bytes);
  const partition = readPartitions(flash).find(({ label }) => label === "nvs");
  if (!partition) throw new FirmwareError("missing", "partition table: expected nvs, for the settings");
  const domain = openKeyValueStorage({ flash, partition }).open({ path: "settings", format: "string" });
  for (const [key, value] of Object.entries(settings)) domain.write(key, value);
  domain.close();
  return flash.snapshot();
}
