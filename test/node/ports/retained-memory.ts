/** The RetainedMemory suite over virtual chips with and without such memory, and over broken memories. */

import { VirtualChip } from "../../../hosts/node/virtual-chip.js";
import { VirtualTime } from "../../../hosts/node/virtual-time.js";
import { createRetainedMemory } from "../../../hosts/simulated/retained-memory.js";
import { describeBroken, describePort } from "../../harness/port-suite.js";
import { brokenRetainedMemories } from "../../ports/broken/retained-memory.js";
import { type RetainedMemorySubject, retainedMemoryObligations } from "../../ports/retained-memory.js";
import { noFlash } from "../time/no-flash.js";

function open(sizeBytes?: number): RetainedMemorySubject {
  const time = new VirtualTime();
  const given = sizeBytes === undefined ? {} : { retained: new Uint8Array(sizeBytes) };
  const chip = new VirtualChip({ time, flash: noFlash, ...given });
  return {
    memory: createRetainedMemory(chip),
    restarted() {
      chip.restart();
      const { retained } = chip;
      return createRetainedMemory(new VirtualChip({ time, flash: noFlash, resetReason: "software", retained }));
    },
  };
}

describePort("RetainedMemory of hosts/node", retainedMemoryObligations, () => open());
describePort("RetainedMemory of hosts/node, 7 bytes", retainedMemoryObligations, () => open(7));
describePort("RetainedMemory of hosts/node, none", retainedMemoryObligations, () => open(0));
describeBroken(
  "RetainedMemory",
  retainedMemoryObligations,
  brokenRetainedMemories(() => open()),
);
