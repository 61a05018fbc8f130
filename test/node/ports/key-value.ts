/** The KeyValue of hosts/node against the law of its port. */

import { NorFlash } from "../../../hosts/node/nor-flash.js";
import { openKeyValueStorage } from "../../../hosts/simulated/key-value.js";
import { describeBroken, describePort } from "../../harness/port-suite.js";
import { brokenKeyValues } from "../../ports/broken/key-value.js";
import { type KeyValueSubject, keyValueObligations } from "../../ports/key-value.js";
import { partitionOf, SIZE_BYTES } from "../storage/device.js";

function open(): KeyValueSubject {
  const flash = new NorFlash({ sizeBytes: SIZE_BYTES });
  const restart = () => openKeyValueStorage({ flash, partition: partitionOf("nvs") });
  return { storage: restart(), path: "settings", otherPath: "other", restart };
}

describePort("KeyValue on Node", keyValueObligations, open);
describeBroken("KeyValue", keyValueObligations, brokenKeyValues(open));
