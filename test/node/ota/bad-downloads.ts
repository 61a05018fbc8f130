/** Every way in which a server or an image can be bad: one clear reason, longer and longer waits, and the old image runs on. */

import { equal, ok } from "../../harness/expect.js";
import type { ScriptedAnswer } from "../../harness/scripted-server.js";
import { describe, it } from "../../harness/spec.js";
import { idOf, makeImage, OFFER_PATH, OTADATA_OFFSET, type Rig, rehashed, SLOT_SIZE_BYTES, startedRig } from "./rig.js";

const IMAGE = makeImage("2.0.0");
const GOOD = makeImage("3.0.0");
const HALF = IMAGE.length >> 1;
/** By the rig's settings: the poll period, doubled with each failure in a row, and at most 80 s. */
const WAITS_MS = [10_000, 20_000, 40_000, 80_000, 80_000];

function otadataOf(rig: Rig): Uint8Array {
  return rig.flash.read(OTADATA_OFFSET, 0x2000);
}

/** Lets `setUp` offer something bad, and demands the same failure five times, an unimpressed 1.0.0, and then 3.0.0. */
function demandFailure(because: string, setUp: (rig: Rig) => void): Rig {
  const rig = startedRig();
  setUp(rig);
  const before = otadataOf(rig);
  ok(
    rig.device.runUntil(() => rig.linesWith("update failed").length === WAITS_MS.length, 600_000),
    rig.device.lines.join("\n"),
  );
  equal(
    rig.linesWith("update failed"),
    WAITS_MS.map((waitMs) => `1.0.0 update failed: ${because}; again in ${waitMs} ms`),
  );
  equal(rig.lives(), ["1.0.0 in 0 by powerOn"]);
  equal(rig.device.life.endedBy, undefined);
  equal(otadataOf(rig), before, "otadata is untouched");
  equal([rig.inspect().history.trial, rig.slots()[0]], [undefined, "1.0.0 valid"]);
  ok(rig.node!.workCount() > 200, "it goes on with its work");
  rig.offer(GOOD, { version: "3.0.0" });
  ok(rig.runUntilKept("3.0.0"), rig.device.lines.join("\n"));
  equal(rig.slots(), ["1.0.0 valid", "3.0.0 valid"]);
  return rig;
}

function badOffer(answer: ScriptedAnswer): (rig: Rig) => void {
  return (rig) => rig.server.answers.set(OFFER_PATH, answer);
}

function badAnswer(answer: ScriptedAnswer): (rig: Rig) => void {
  return (rig) => {
    rig.offer(IMAGE, { version: "2.0.0", answer });
  };
}

/** The offer is right about the file; the file is wrong. */
function badImage(image: Uint8Array, fields: object = {}): (rig: Rig) => void {
  return (rig) => {
    rig.offer(image, { version: "2.0.0", fields });
  };
}

interface BadThing {
  readonly name: string;
  readonly because: string;
  readonly setUp: (rig: Rig) => void;
}

const REFUSAL: ScriptedAnswer = { end: "refuse" };
const OFFERS: readonly BadThing[] = [
  { name: "is not there", because: "the server answered 404; expected 200", setUp: badOffer({ status: 404 }) },
  { name: "meets a broken server", because: "the server answered 500; expected 200", setUp: badOffer({ status: 500 }) },
  { name: "is elsewhere", because: "the server answered 302; expected 200", setUp: badOffer({ status: 302 }) },
  { name: "meets no server", because: "the connection was refused", setUp: badOffer(REFUSAL) },
  { name: "never comes", because: "the server sent nothing in time", setUp: badOffer({ body: "{", end: "stall" }) },
  { name: "breaks off", because: "the connection was reset", setUp: badOffer({ body: "{}", sentBytes: 1, end: "reset" }) },
  { name: "is empty", because: "offer: expected a JSON text", setUp: badOffer({ body: "" }) },
  { name: "is a web page", because: "offer: expected a JSON text", setUp: badOffer({ body: "<html>log in</html>" }) },
  {
    name: "has no end",
    because: "offer: expected at most 1024 characters",
    setUp: badOffer({ body: "[".repeat(50_000), chunkSizeBytes: 300 }),
  },
  {
    name: "is half of one",
    because: "offer: sha256 is wrong; expected a text of 1 to 128 printable ASCII characters",
    setUp: badOffer({ body: '{"format":1,"class":"node","version":"2.0.0","sizeBytes":4096}' }),
  },
];

const ANSWERS: readonly BadThing[] = [
  { name: "404", because: "the server answered 404; expected 200", setUp: badAnswer({ status: 404 }) },
  { name: "500", because: "the server answered 500; expected 200", setUp: badAnswer({ status: 500 }) },
  { name: "a redirect", because: "the server answered 301; expected 200", setUp: badAnswer({ status: 301 }) },
  { name: "no connection", because: "the connection was refused", setUp: badAnswer(REFUSAL) },
  {
    name: "too short an announcement",
    because: `the server announces ${HALF} bytes; expected the offer's ${IMAGE.length}`,
    setUp: badAnswer({ contentLength: HALF }),
  },
  {
    name: "too long an announcement",
    because: `the server announces ${IMAGE.length + 1} bytes; expected the offer's ${IMAGE.length}`,
    setUp: badAnswer({ contentLength: IMAGE.length + 1 }),
  },
  {
    name: "no announcement",
    because: "the server announced no content-length",
    setUp: badAnswer({ contentLength: "none" }),
  },
  {
    name: "a body that is shorter than announced",
    because: `the connection ended after ${HALF} of ${IMAGE.length} bytes`,
    setUp: badAnswer({ sentBytes: HALF }),
  },
  { name: "a reset", because: "the connection was reset", setUp: badAnswer({ sentBytes: HALF, end: "reset" }) },
  { name: "a stall", because: "the server sent nothing in time", setUp: badAnswer({ sentBytes: HALF, end: "stall" }) },
  { name: "headers and no more", because: "the server sent nothing in time", setUp: badAnswer({ sentBytes: 0, end: "stall" }) },
];

const WRONG_CHECKSUM = rehashed(IMAGE.map((byte, index) => (index === 5000 ? byte ^ 1 : byte)));
const WRONG_HASH = IMAGE.map((byte, index) => (index === IMAGE.length - 1 ? byte ^ 1 : byte));
const OTHER = makeImage("2.0.0", { marker: "another build" });

const IMAGES: readonly (Omit<BadThing, "because"> & { readonly because: RegExp })[] = [
  {
    name: "truncated",
    because: /image: segment 1 ends at \d+, expected at most 6000/,
    setUp: badImage(IMAGE.subarray(0, 6000)),
  },
  { name: "with a wrong checksum", because: /image: checksum 0x.., expected 0x../, setUp: badImage(WRONG_CHECKSUM) },
  {
    name: "with a wrong hash",
    because: /image: the appended SHA-256 is not that of the 8288 bytes before it/,
    setUp: badImage(WRONG_HASH),
  },
  {
    name: "for another chip",
    because: /image: chip id 0x0009 \(esp32s3\), expected 0x0005 \(esp32c3\)/,
    setUp: badImage(makeImage("2.0.0", { chip: "esp32s3" })),
  },
  {
    name: "that is no image",
    because: /image: magic byte 0x50, expected 0xe9/,
    setUp: badImage(new Uint8Array(5000).fill(0x50)),
  },
  {
    name: "larger than the slot",
    because: new RegExp(`image of ${SLOT_SIZE_BYTES + 1} bytes: expected at most ${SLOT_SIZE_BYTES}, the size of the slot`),
    setUp: badImage(IMAGE, { sizeBytes: SLOT_SIZE_BYTES + 1 }),
  },
  {
    name: "other than the offered one",
    because: new RegExp(`image hash begins with ${idOf(OTHER)}; expected ${"ab".repeat(8)} as announced`),
    setUp: badImage(OTHER, { sha256: "ab".repeat(32) }),
  },
];

describe("an offer that", () => {
  for (const { name, because, setUp } of OFFERS) it(name, () => void demandFailure(because, setUp));
});

describe("a download that meets", () => {
  for (const { name, because, setUp } of ANSWERS) it(name, () => void demandFailure(because, setUp));

  it("a slow server is no failure", () => {
    const rig = startedRig();
    rig.offer(IMAGE, { version: "2.0.0", answer: { chunkSizeBytes: 100, chunkPeriodMs: 4000 } });
    ok(rig.runUntilKept("2.0.0", 600_000));
    equal(rig.linesWith("failed"), []);
  });
});

describe("an image", () => {
  for (const { name, because, setUp } of IMAGES) {
    it(name, () => {
      const probe = startedRig();
      setUp(probe);
      ok(probe.runUntilLine("update failed"));
      const [line] = probe.linesWith("update failed");
      const reason = line!.slice("1.0.0 update failed: ".length, line!.indexOf("; again in"));
      ok(because.test(reason), `${reason} is not like ${because}`);
      demandFailure(reason, setUp);
    });
  }

  it("for another class of devices is declined, once and without a download", () => {
    const rig = startedRig();
    const path = rig.offer(IMAGE, { version: "2.0.0", fields: { class: "toaster" } });
    rig.device.advance(200_000);
    equal(rig.device.lines.slice(1), ["1.0.0 update declined 2.0.0: it is for the class toaster; expected node"]);
    equal([rig.server.requestCount(path), rig.server.requestCount(OFFER_PATH)], [0, 20]);
    equal(rig.lives().length, 1);
    rig.offer(IMAGE, { version: "2.0.0" });
    ok(rig.runUntilKept("2.0.0"));
  });

  it("that fails leaves nothing that boots in its slot, and waits no longer after a good poll", () => {
    const rig = startedRig();
    rig.offer(IMAGE, { version: "2.0.0", answer: { sentBytes: HALF, end: "reset" } });
    ok(rig.device.runUntil(() => rig.linesWith("update failed").length === 3, 600_000));
    equal([rig.slots()[1], rig.slotBytes(1)[0]], ["empty unnamed", 0xff]);
    rig.offer(makeImage("1.0.0"), { version: "1.0.0" });
    rig.device.advance(60_000);
    rig.offer(IMAGE, { version: "2.0.0", answer: { sentBytes: HALF, end: "reset" } });
    ok(rig.device.runUntil(() => rig.linesWith("update failed").length === 4, 600_000));
    ok(rig.linesWith("update failed")[3]!.endsWith("again in 10000 ms"));
  });
});
