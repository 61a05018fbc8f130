/**
 * The running slot as deduced from flash, against the recorded boots of the real bootloader: right wherever it is not left
 * open.
 *
 * The recordings have every combination of entries and broken images, more than a device of ours can get into. Here no journal
 * knows anything, and a broken image is never blank: an erased slot that a VALID entry names is made by tools only.
 */
import { readFileSync } from "node:fs";
import { History } from "../../../src/ota/history.js";
import { deduceRunningSlot } from "../../../src/ota/running-slot.js";
import { equal, ok } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";

interface Entry {
  readonly seq: number;
  readonly state: number;
  readonly crc: number;
}
interface VectorSet {
  readonly bootloader: string;
  readonly partitions: readonly { readonly label: string }[];
  readonly vectors: readonly {
    readonly imageOk: Readonly<Record<string, boolean>>;
    readonly boot: string | null;
    readonly after: readonly [Entry, Entry];
  }[];
}

const recorded = JSON.parse(readFileSync(new URL("../../fixtures/bootloader-vectors.json", import.meta.url), "utf8")) as {
  sets: VectorSet[];
};
const sets = recorded.sets.filter(({ partitions }) => {
  const labels = partitions.map(({ label }) => label);
  return labels.includes("ota_1") && !labels.includes("ota_2") && !labels.includes("factory");
});

describe("the running slot, deduced after recorded boots", () => {
  it("is the one that booted, in every boot where both images were whole, and is never the other one", () => {
    let rightCount = 0;
    let openCount = 0;
    for (const set of sets) {
      for (const vector of set.vectors) {
        const slot = /^ota_([01])$/.exec(vector.boot ?? "")?.[1];
        if (slot === undefined) continue;
        const isOtherWhole = vector.imageOk[`ota_${1 - Number(slot)}`]!;
        const deduced = deduceRunningSlot({
          entries: vector.after.map(({ seq, state, crc }) => ({ sequence: seq, state, crc })),
          isOtherWhole,
          isOtherBlank: false,
          imageId: "00000000000000a1",
          history: new History(),
        });
        if (deduced === undefined) {
          ok(!isOtherWhole, `left open though both were whole: ${JSON.stringify(vector)}`);
          openCount++;
          continue;
        }
        equal(deduced, Number(slot), `${set.bootloader}: ${JSON.stringify(vector)}`);
        rightCount++;
      }
    }
    ok(rightCount >= 100 && openCount > 0, `${rightCount} right, ${openCount} open`);
  });
});
