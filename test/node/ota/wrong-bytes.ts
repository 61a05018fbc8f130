/** Bytes that are not the signed ones: seen at the end of their chunk, fetched once more, and no third time. */
import { equal, ok } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { fileOf } from "./fleet.js";
import { makeImage, startedRig } from "./rig.js";
import { demandTraffic, demandWorking, endureDecline } from "./unimpressed.js";

const IMAGE = makeImage("2.0.0", { sectorCount: 10 });
const RANGES = ["0-16383", "16384-32767", `32768-${IMAGE.length - 1}`];

function flipped(offset: number): Uint8Array {
  const copy = IMAGE.slice();
  copy[offset]! ^= 0x10;
  return copy;
}

/** Declined by `because` after the requests for `ranges`. */
function demandWrong(because: string, served: Uint8Array, ranges: readonly (string | undefined)[]): void {
  let path = "";
  const rig = endureDecline({
    because,
    setUp: (started) => {
      path = started.offer(IMAGE, { version: "2.0.0", served });
    },
  });
  equal(
    rig.traffic.to(path).map(({ range }) => range),
    ranges,
  );
  demandTraffic(rig, path, IMAGE, 1);
}

describe("an image of which one bit is wrong", () => {
  const places: readonly (readonly [place: string, chunk: number, offset: number])[] = [
    ["in the first chunk's last byte", 1, 16_383],
    ["in the second chunk's first byte", 2, 16_384],
    ["in the middle of the second chunk", 2, 20_000],
    ["in its last byte", 3, IMAGE.length - 1],
  ];
  for (const [place, chunk, offset] of places) {
    it(`${place} is declined at the second look; the chunks before are not fetched again`, () => {
      const because = `image: chunk ${chunk} of 3 is not what was signed`;
      demandWrong(because, flipped(offset), [...RANGES.slice(0, chunk), RANGES[chunk - 1]]);
    });
  }

  it("in its header is declined before the old content of the slot is touched", () => {
    demandWrong("image: magic byte 0xf9, expected 0xe9", flipped(0), [RANGES[0], RANGES[0]]);
    const rig = startedRig();
    rig.offer(IMAGE, { version: "2.0.0", served: flipped(0) });
    const before = rig.slotBytes(1);
    ok(rig.runUntilLine("declined"));
    equal(rig.slotBytes(1), before);
  });

  it("on the way, once, in its header, is taken at the second look", () => {
    // A bit that turned in the first sector was judged as a header before its chunk was, and ended the action for good.
    const rig = startedRig();
    const answerTo = fileOf(IMAGE);
    let requestCount = 0;
    rig.offer(IMAGE, {
      version: "2.0.0",
      answer: (request) => {
        const good = answerTo(request);
        return requestCount++ === 0 ? { ...good, body: flipped(0).subarray(0, 16_384) } : good;
      },
    });
    ok(rig.runUntilKept("2.0.0"));
  });

  it("on the way, once, is taken at the second look", () => {
    const rig = startedRig();
    const answerTo = fileOf(IMAGE);
    let requestCount = 0;
    const path = rig.offer(IMAGE, {
      version: "2.0.0",
      answer: (request) => {
        const good = answerTo(request);
        return requestCount++ === 1 ? { ...good, body: flipped(20_000).subarray(16_384, 32_768) } : good;
      },
    });
    ok(rig.runUntilKept("2.0.0"));
    equal(
      rig.traffic.downloads(path).map(({ range }) => range),
      [RANGES[0], RANGES[1], RANGES[1], RANGES[2]],
    );
  });
});

describe("an image that is served instead of the signed one", () => {
  it("of the same size is declined at its first chunk", () => {
    const other = makeImage("2.0.0", { sectorCount: 10, marker: "." });
    const served = other.subarray(0, IMAGE.length);
    demandWrong("image: chunk 1 of 3 is not what was signed", served, [RANGES[0], RANGES[0]]);
  });

  it("for another chip is declined by its header", () => {
    const served = makeImage("2.0.0", { sectorCount: 10, chip: "esp32s3" });
    demandWrong("image: chip id 0x0009 (esp32s3), expected 0x0005 (esp32c3)", served, [RANGES[0], RANGES[0]]);
  });

  it("and is none is declined by its header", () => {
    demandWrong("image: magic byte 0x50, expected 0xe9", new Uint8Array(IMAGE.length).fill(0x50), [RANGES[0], RANGES[0]]);
  });

  it("costs the device nothing of its own work meanwhile", () => {
    const rig = startedRig();
    rig.offer(IMAGE, { version: "2.0.0", served: flipped(20_000), answer: { chunkPeriodMs: 200 } });
    ok(rig.runUntilLine("retrying"));
    demandWorking(rig);
    ok(rig.runUntilLine("declined"));
    demandWorking(rig);
  });
});
