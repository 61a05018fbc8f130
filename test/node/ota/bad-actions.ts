/** Actions that can be read and bring nothing that could be installed: declined before a byte of an image, and closed. */
import { equal } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { makeImage, type Rig, SLOT_SIZE_BYTES, startedRig } from "./rig.js";
import { endureDecline } from "./unimpressed.js";

const IMAGE = makeImage("2.0.0");
const NO_UPDATE = "it has no signed update, expected an artifact named ….cose";

/** 2.0.0 is offered, and the action's chunks are others. Gives the path of its image. */
function withChunks(rig: Rig, chunks: unknown): string {
  const path = rig.offer(IMAGE, { version: "2.0.0" });
  const id = rig.fleet.actionId;
  rig.fleet.meddle = (subject, good) => {
    return subject === "deployment" ? { body: JSON.stringify({ id, deployment: { chunks } }) } : good();
  };
  return path;
}

/** Declined, and not a byte of its image was fetched. */
function demandDeclineUnfetched(because: string, setUp: (rig: Rig) => string): void {
  let path = "";
  const rig = endureDecline({
    because,
    setUp: (started) => {
      path = setUp(started);
    },
  });
  equal(rig.traffic.to(path), []);
}

describe("an action", () => {
  const artifacts: readonly (readonly [name: string, artifacts: (rig: Rig) => unknown])[] = [
    ["without artifacts", () => []],
    ["whose artifacts are no list", () => 7],
    ["without a signed update", ({ fleet }) => [fleet.artifact("image.bin", 9000, "/x")]],
  ];
  for (const [name, artifactsOf] of artifacts) {
    it(`${name} is declined`, () => {
      const setUp = (rig: Rig): string => withChunks(rig, [{ version: "2.0.0", artifacts: artifactsOf(rig) }]);
      demandDeclineUnfetched(NO_UPDATE, setUp);
    });
  }

  it("whose artifact is of another size than the signed image is declined", () => {
    demandDeclineUnfetched(`it has no artifact of ${IMAGE.length} bytes, expected the image`, ({ fleet }) => {
      const update = fleet.sign(IMAGE, { version: "2.0.0" });
      return fleet.serve(update, { bytes: IMAGE, sizeBytes: IMAGE.length + 1, version: "2.0.0" });
    });
  });

  it("whose image is larger than the slot is declined", () => {
    const large = makeImage("2.0.0", { sectorCount: 17 });
    const because = `image of ${large.length} bytes: expected at most ${SLOT_SIZE_BYTES}, the size of the slot`;
    demandDeclineUnfetched(because, (rig) => rig.offer(large, { version: "2.0.0" }));
  });

  it("whose signed update is said to be larger than one may be is declined", () => {
    const rig = startedRig();
    const path = rig.offer(IMAGE, { version: "2.0.0" });
    const update = rig.fleet.pathOf("softwaremodules/1/artifacts/1.cose");
    const artifacts = [rig.fleet.artifact("update.cose", IMAGE.length, update), rig.fleet.artifact("a", IMAGE.length, path)];
    rig.fleet.meddle = (subject, good) => {
      return subject === "deployment" ? { body: JSON.stringify({ id: "1", deployment: { chunks: [{ artifacts }] } }) } : good();
    };
    rig.device.advance(30_000);
    equal(rig.linesWith("declined"), [
      `1.0.0 update declined ?: its signed update has ${IMAGE.length} bytes, expected at most 4096`,
    ]);
  });

  it("of a version that cannot stand in a log is told as one of ?", () => {
    const rig = startedRig();
    withChunks(rig, [{ version: "2.0.0\r\nAll is well", artifacts: [] }]);
    rig.device.advance(30_000);
    equal(rig.linesWith("declined"), [`1.0.0 update declined ?: ${NO_UPDATE}`]);
  });
});
