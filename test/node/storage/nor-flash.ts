/** The simulated flash is as unkind as a real one: ones only by erase, and operations that stop in the middle. */
import { type FlashStep, NorFlash } from "../../../hosts/node/nor-flash.js";
import { equal, ok, throws } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { PowerCut } from "./device.js";

function recording(): { flash: NorFlash; steps: FlashStep[] } {
  const steps: FlashStep[] = [];
  return { flash: new NorFlash({ sizeBytes: 16_384, onStep: (step) => void steps.push(step) }), steps };
}

/** A flash full of `value` that loses its power right after the step of that index. */
function failing(value: number, cutIndex: number): NorFlash {
  return NorFlash.from(new Uint8Array(8192).fill(value), {
    onStep(step) {
      if (step.index === cutIndex) throw new PowerCut("power cut");
    },
  });
}

describe("NorFlash: bits", () => {
  it("is blank when it is new", () => {
    equal(new NorFlash({ sizeBytes: 4096 }).read(0, 4096), new Uint8Array(4096).fill(0xff));
  });

  it("clears bits by program and sets them by erase only", () => {
    const { flash } = recording();
    flash.program(8, Uint8Array.from([0b11001100, 0x0f, 0xff, 0]));
    flash.program(8, Uint8Array.from([0b10101010, 0xf0, 0x12, 0xff]));
    equal(flash.read(4, 12), Uint8Array.from([255, 255, 255, 255, 0b10001000, 0, 0x12, 0, 255, 255, 255, 255]));
    flash.eraseSector(0);
    equal(flash.read(8, 4), new Uint8Array(4).fill(0xff));
  });

  it("erases one sector and no other", () => {
    const flash = NorFlash.from(new Uint8Array(3 * 4096));
    flash.eraseSector(1);
    equal(
      flash.snapshot(),
      Uint8Array.from({ length: 3 * 4096 }, (_, index) => (index >> 12 === 1 ? 0xff : 0)),
    );
  });

  it("gives copies, by read and by snapshot", () => {
    const { flash } = recording();
    flash.read(0, 4).fill(0);
    const snapshot = flash.snapshot();
    snapshot.fill(0);
    NorFlash.from(snapshot).eraseSector(0);
    equal(flash.read(0, 4), new Uint8Array(4).fill(0xff));
    equal(snapshot[0], 0, "the snapshot that another flash was made from");
  });

  it("rots bit by bit, in either direction", () => {
    const { flash } = recording();
    flash.flipBit(100, 3);
    equal(flash.read(100, 1), Uint8Array.of(0xf7));
    flash.flipBit(100, 3);
    equal(flash.read(100, 1), Uint8Array.of(0xff));
    throws(() => flash.flipBit(100, 8), "invalid", /bit 8, expected 0 … 7/);
  });
});

describe("NorFlash: steps", () => {
  it("programs word by word and erases by eighths, and counts the steps over all operations", () => {
    const { flash, steps } = recording();
    flash.program(16, new Uint8Array(12));
    flash.eraseSector(1);
    equal(steps.slice(0, 3), [
      { index: 0, kind: "program", offset: 16, isInside: true },
      { index: 1, kind: "program", offset: 20, isInside: true },
      { index: 2, kind: "program", offset: 24, isInside: false },
    ]);
    equal(
      steps.slice(3).map((step) => [step.index, step.kind, step.offset, step.isInside]),
      [0, 1, 2, 3, 4, 5, 6, 7].map((part) => [3 + part, "erase", 4096 + part * 512, part < 7]),
    );
    equal(flash.stepCount, 11);
  });

  it("leaves a torn program where the hook throws", () => {
    const flash = failing(0xff, 1);
    const error = throws(() => flash.program(0, new Uint8Array(16)));
    ok(error instanceof PowerCut, "what the hook threw");
    equal(flash.read(0, 16), Uint8Array.from([0, 0, 0, 0, 0, 0, 0, 0, ...new Array(8).fill(0xff)]));
  });

  it("leaves a torn erase where the hook throws", () => {
    const flash = failing(0, 2);
    throws(() => flash.eraseSector(1));
    equal(
      flash.read(4096, 4096),
      Uint8Array.from({ length: 4096 }, (_, index) => (index < 3 * 512 ? 0xff : 0)),
    );
    equal(flash.read(0, 4096), new Uint8Array(4096), "the sector before");
  });

  it("works on after a cut", () => {
    const flash = failing(0, 0);
    throws(() => flash.eraseSector(0));
    flash.eraseSector(0);
    equal(flash.read(0, 4096), new Uint8Array(4096).fill(0xff));
  });

  it("calls the hook after the step is visible", () => {
    const seen: number[] = [];
    const flash: NorFlash = new NorFlash({ sizeBytes: 4096, onStep: (step) => void seen.push(flash.read(step.offset, 1)[0]!) });
    flash.program(0, Uint8Array.from([1, 1, 1, 1, 2, 2, 2, 2]));
    equal(seen, [1, 2]);
  });

  it("counts wear by sector, and bytes read and programmed", () => {
    const { flash } = recording();
    flash.eraseSector(2);
    flash.eraseSector(2);
    flash.eraseSector(3);
    flash.program(0, new Uint8Array(24));
    flash.read(0, 100);
    flash.snapshot();
    equal(
      [0, 1, 2, 3].map((sector) => flash.eraseCount(sector)),
      [0, 0, 2, 1],
    );
    equal([flash.programmedBytes, flash.readBytes], [24, 100]);
  });
});

describe("NorFlash: bounds", () => {
  it("refuses what is outside or unaligned, before any step", () => {
    const { flash, steps } = recording();
    throws(() => flash.read(16_380, 8), "invalid", /8 bytes at 16380, expected a range within 16384 bytes/);
    throws(() => flash.read(-1, 1), "invalid");
    throws(() => flash.program(16_384, new Uint8Array(4)), "invalid");
    throws(() => flash.program(2, new Uint8Array(4)), "invalid", /4 bytes at 2, expected multiples of 4/);
    throws(() => flash.program(0, new Uint8Array(6)), "invalid");
    throws(() => flash.eraseSector(4), "invalid", /sector 4, expected 0 … 3/);
    throws(() => flash.eraseCount(0.5), "invalid");
    equal(steps, []);
  });

  it("refuses sizes that are no whole sectors", () => {
    throws(() => new NorFlash({ sizeBytes: 5000 }), "invalid", /5000 bytes, expected a multiple of the sector's 4096/);
    throws(() => new NorFlash({ sizeBytes: 0 }), "invalid");
    throws(() => new NorFlash({ sizeBytes: 4096, sectorSizeBytes: 100 }), "invalid", /sectors of 100 bytes/);
  });

  it("throws closed after close, and closes twice", () => {
    const { flash } = recording();
    flash.close();
    flash.close();
    throws(() => flash.read(0, 4), "closed");
    throws(() => flash.program(0, new Uint8Array(4)), "closed");
    throws(() => flash.eraseSector(0), "closed");
    throws(() => flash.snapshot(), "closed");
  });
});
