/**
 * One whole update, lived once for each way in which the power can fail in each of its flash operations, on every engine.
 *
 * The chaos (docs/design/chaos.md) lives more, on Node alone. What is proved here is proved on the engine of the device as
 * well: the same lives, down to their number.
 */
import { RecordType } from "../../../src/ota/journal-record.js";
import { CUT_MODES, type Cut, type CutMode, cutsOf, type Operation } from "../../harness/cut.js";
import { equal } from "../../harness/expect.js";
import { before, describe, it } from "../../harness/spec.js";
import { type Beginning, firstUpdate, laterUpdate } from "./update-beginnings.js";
import { recordsOf, UpdateWitness } from "./update-witness.js";
import { CHUNK_SIZE_BYTES, idOf, UpdatingDevice } from "./updating-device.js";

interface Sweep {
  readonly name: string;
  readonly begin: () => Beginning;
  readonly lives: { readonly decay: number } & { readonly [Mode in CutMode]?: number };
}

/** Lives for each mode, the same on every engine: an engine that lives fewer has not seen every operation. */
const SWEEPS: readonly Sweep[] = [
  {
    name: "the first one",
    begin: firstUpdate,
    lives: { before: 56, decay: 8, after: 1, words: 93, bits: 48, half: 16, unstable: 86 },
  },
  {
    name: "a later one",
    begin: laterUpdate,
    // A torn word is a torn word in every update: those of this one are lived by the chaos, on Node.
    lives: { before: 77, decay: 8, half: 22, unstable: 119 },
  },
];

interface Life {
  readonly device: UpdatingDevice;
  readonly witness: UpdateWitness;
}

function live({ flash, validation, old, offer }: Beginning, cut?: Cut, witness = new UpdateWitness({ old, offer })): Life {
  const device = new UpdatingDevice({ flash, validation, offer, cut, onlooker: witness });
  device.run();
  return { device, witness };
}

/** While the power is off, a bit turns over in the last chunk that the journal calls right. */
class Decay extends UpdateWitness {
  lostBytes = 0;

  override onCut(device: UpdatingDevice): void {
    super.onCut(device);
    const { flash } = device;
    const { offer } = this.options;
    const label = `ota_${1 - (flash.runningSlot ?? 0)}`;
    const chunkCounts = recordsOf(device, RecordType.progress, idOf(offer.image)).map(({ first }) => first);
    const chunkCount = Math.max(0, ...chunkCounts);
    if (chunkCount === 0 || flash.holds(label, offer.words.subarray(0, 1))) return; // Nothing is there, or all of it.
    flash.flipBit(label, chunkCount * CHUNK_SIZE_BYTES - 4);
    this.lostBytes = CHUNK_SIZE_BYTES;
  }
}

function cutsOfMode(operations: readonly Operation[], mode: CutMode): Cut[] {
  // After one operation is before the next: nothing else outlives a cut.
  if (mode === "after") return [{ operation: operations.length - 1, mode, part: 0 }];
  return operations.flatMap((operation, index) => cutsOf(operation, index, mode));
}

function describeCut({ operation, mode, part }: Cut, operations: readonly Operation[]): string {
  const { kind, label, offset } = operations[operation]!;
  return `${mode} ${part} in operation ${operation}, ${kind} ${label} ${offset}`;
}

/** One life a cut of this mode; how many that were. */
function sweep(beginning: Beginning, operations: readonly Operation[], mode: CutMode): number {
  const cuts = cutsOfMode(operations, mode);
  for (const cut of cuts) judge(live(beginning, cut), describeCut(cut, operations));
  return cuts.length;
}

function judge({ device, witness }: Life, where: string, lostBytes = 0): void {
  witness.demandUpdate(device, lostBytes);
  equal(witness.violations, [], `${where}: ${device.decisions.join(", ")}`);
}

for (const { name, begin, lives } of SWEEPS) {
  describe(`an update whose power fails once, anywhere: ${name}`, () => {
    let beginning: Beginning;
    let operations: readonly Operation[];

    before(() => {
      beginning = begin();
      operations = live(beginning).witness.operations;
    });

    it("comes to its end where nothing fails", () => {
      const life = live(beginning);
      judge(life, "no cut");
      equal(life.device.decisions, ["run", "trial", "run"]);
      equal(life.device.fetchedBytes, beginning.offer.image.length);
    });

    // Cuts alone leave no wrong chunk behind; cells that lose their charge do. Cut is where the slot is written.
    it("and where a chunk that was right went bad while the power was off", () => {
      let decayCount = 0;
      for (const cut of cutsOfMode(operations, "before")) {
        if (!operations[cut.operation]!.label.startsWith("ota_")) continue;
        const decay = new Decay(beginning);
        judge(live(beginning, cut, decay), describeCut(cut, operations), decay.lostBytes);
        if (decay.lostBytes > 0) decayCount++;
      }
      equal(decayCount, lives.decay);
    });

    for (const mode of CUT_MODES) {
      if (lives[mode] === undefined) continue;
      it(`and wherever it is cut, ${mode}`, () => {
        equal(sweep(beginning, operations, mode), lives[mode]);
      });
    }
  });
}
