/**
 * The law of the Update port: what ECMA-419 (28 and Annex A) and src/ports/update.ts demand, one obligation for each MUST.
 *
 * Which error is thrown the standard leaves open, so these only ask for one. See docs/design/ports.md.
 */
import type { FlashPartition, FlashStorage } from "../../src/ports/flash.js";
import type { Update, UpdateStorage } from "../../src/ports/update.js";
import { equal, ok, throws } from "../harness/expect.js";
import type { Obligation } from "../harness/port-suite.js";

export interface UpdateSubject {
  readonly update: UpdateStorage;
  /** With a "nextota" that holds something else than the image. */
  readonly flash: FlashStorage;
  /** A whole image that this device would boot: longer than a block, its length no multiple of one. */
  readonly image: Uint8Array;
  /** Whether the next start takes the slot of "nextota". */
  isActivated(): boolean;
}

function slotOf(subject: UpdateSubject): FlashPartition {
  return subject.flash.open({ path: "nextota" });
}

/** All of the image by appending, in pieces of `pieceSizeBytes`. */
function append(update: Update, image: Uint8Array, pieceSizeBytes: number): void {
  for (let at = 0; at < image.length; at += pieceSizeBytes) update.write(image.subarray(at, at + pieceSizeBytes));
}

function damaged(image: Uint8Array): Uint8Array {
  const copy = image.slice();
  copy[image.length - 100]! ^= 1;
  return copy;
}

const opening: readonly Obligation<UpdateSubject>[] = [
  {
    must: "throw at open without an open partition",
    check(subject) {
      const { update } = subject;
      throws(() => (update.open as (options?: unknown) => unknown)());
      throws(() => update.open({} as { partition: FlashPartition }));
      throws(() => update.open({ partition: "nextota" as unknown as FlashPartition }));
      const closed = slotOf(subject);
      closed.close();
      throws(() => update.open({ partition: closed }));
    },
  },
  {
    must: 'throw at open for a partition in mode "r"',
    check(subject) {
      const partition = subject.flash.open({ path: "nextota", mode: "r" });
      throws(() => subject.update.open({ partition }));
    },
  },
  {
    must: "throw at open for an unknown mode, and for a byteLength that is none or beyond the partition, and erase nothing",
    check(subject) {
      const partition = slotOf(subject);
      const { size } = partition.status();
      const before = partition.read(64, 0);
      throws(() => subject.update.open({ partition, mode: "r" as "w" }));
      for (const byteLength of [size + 1, 0, -1, 1.5, Number.NaN]) {
        throws(() => subject.update.open({ partition, mode: "w", byteLength }));
      }
      equal(partition.read(64, 0), before, "what is in the slot");
    },
  },
  {
    must: "take frozen options and leave open ones as they are",
    check(subject) {
      const partition = slotOf(subject);
      subject.update.open(Object.freeze({ partition })).close();
      const options = { partition };
      subject.update.open(options).close();
      ok(Object.keys(options).length === 1 && options.partition === partition, "the options were modified");
    },
  },
  {
    must: "throw where the class itself is constructed",
    check(subject) {
      const partition = slotOf(subject);
      const Constructor = subject.update.open({ partition }).constructor as new (options: unknown) => unknown;
      throws(() => new Constructor({ partition }));
    },
  },
  {
    must: "keep the format buffer and throw for another",
    check(subject) {
      const update = subject.update.open({ partition: slotOf(subject) });
      equal(update.format, "buffer");
      throws(() => {
        update.format = "string" as "buffer";
      });
      equal(update.format, "buffer", "the format after a refused one");
    },
  },
];

const writing: readonly Obligation<UpdateSubject>[] = [
  {
    must: 'write in mode "a", the default, one piece behind the other',
    check(subject) {
      const partition = slotOf(subject);
      append(subject.update.open({ partition }), subject.image, 1000);
      equal(new Uint8Array(partition.read(subject.image.length, 0)), subject.image);
    },
  },
  {
    must: 'write in mode "w" at any offset, in any order',
    check(subject) {
      const partition = slotOf(subject);
      const { image } = subject;
      const { blockLength } = partition.status();
      const update = subject.update.open({ partition, mode: "w", byteLength: image.length });
      update.write(image.subarray(blockLength), blockLength);
      update.write(image.subarray(0, blockLength), 0);
      equal(new Uint8Array(partition.read(image.length, 0)), image);
    },
  },
  {
    must: 'throw for an offset in mode "a", and without one in mode "w"',
    check(subject) {
      const appending = subject.update.open({ partition: slotOf(subject) });
      throws(() => appending.write(subject.image, 0));
      appending.close();
      const random = subject.update.open({ partition: slotOf(subject), mode: "w" });
      throws(() => random.write(subject.image));
      for (const offset of [-16, 0.5]) throws(() => random.write(subject.image, offset));
    },
  },
  {
    must: "throw for a write beyond byteLength, and beyond the partition without one",
    check(subject) {
      const { image } = subject;
      const partition = slotOf(subject);
      const bounded = subject.update.open({ partition, mode: "w", byteLength: image.length });
      throws(() => bounded.write(new Uint8Array(32), image.length - 16));
      bounded.close();
      const appending = subject.update.open({ partition, byteLength: image.length });
      append(appending, image, 4096);
      throws(() => appending.write(new Uint8Array(1)));
      appending.close();
      const whole = subject.update.open({ partition, mode: "w" });
      throws(() => whole.write(new Uint8Array(32), partition.status().size - 16));
    },
  },
  {
    must: "throw for a first byte that begins no image, when appending",
    check(subject) {
      const update = subject.update.open({ partition: slotOf(subject) });
      throws(() => update.write(subject.image.subarray(1)));
    },
  },
  {
    must: "keep no reference to the buffer of a write",
    check(subject) {
      const partition = slotOf(subject);
      const update = subject.update.open({ partition });
      const copy = subject.image.slice();
      append(update, copy, 4096);
      copy.fill(0);
      update.complete();
      equal(new Uint8Array(partition.read(copy.length, 0)), subject.image);
    },
  },
];

const completing: readonly Obligation<UpdateSubject>[] = [
  {
    must: "activate at complete, and not before",
    check(subject) {
      const update = subject.update.open({ partition: slotOf(subject) });
      append(update, subject.image, 777);
      ok(!subject.isActivated(), "activated before complete");
      update.complete();
      ok(subject.isActivated(), "not activated by complete");
      update.close();
      ok(subject.isActivated(), "no longer activated after close");
    },
  },
  {
    must: 'activate in mode "w" too',
    check(subject) {
      const update = subject.update.open({ partition: slotOf(subject), mode: "w", byteLength: subject.image.length });
      update.write(subject.image, 0);
      update.complete();
      ok(subject.isActivated(), "not activated by complete");
    },
  },
  {
    must: "not activate where close comes without complete",
    check(subject) {
      const update = subject.update.open({ partition: slotOf(subject) });
      append(update, subject.image, 4096);
      update.close();
      ok(!subject.isActivated(), "activated");
    },
  },
  {
    must: "throw at complete where nothing was written, and not activate",
    check(subject) {
      const partition = slotOf(subject);
      // A whole image stands in the slot already: only that this update wrote nothing speaks against it.
      const earlier = subject.update.open({ partition });
      append(earlier, subject.image, 4096);
      earlier.close();
      const update = subject.update.open({ partition });
      throws(() => update.complete());
      ok(!subject.isActivated(), "activated");
    },
  },
  {
    must: "throw at complete for an image that ends early, and not activate",
    check(subject) {
      const update = subject.update.open({ partition: slotOf(subject) });
      append(update, subject.image.subarray(0, subject.image.length - 16), 4096);
      throws(() => update.complete());
      ok(!subject.isActivated(), "activated");
    },
  },
  {
    must: "throw at complete for a damaged image, and not activate",
    check(subject) {
      const update = subject.update.open({ partition: slotOf(subject) });
      append(update, damaged(subject.image), 4096);
      throws(() => update.complete());
      ok(!subject.isActivated(), "activated");
    },
  },
  {
    must: "throw at write and complete after complete",
    check(subject) {
      const update = subject.update.open({ partition: slotOf(subject) });
      append(update, subject.image, 4096);
      update.complete();
      throws(() => update.write(subject.image.subarray(0, 16)));
      throws(() => update.complete());
      ok(subject.isActivated(), "no longer activated");
    },
  },
];

const life: readonly Obligation<UpdateSubject>[] = [
  {
    must: "do nothing at a second close",
    check(subject) {
      const update = subject.update.open({ partition: slotOf(subject) });
      update.close();
      update.close();
    },
  },
  {
    must: "throw at every other call after close",
    check(subject) {
      const update = subject.update.open({ partition: slotOf(subject) });
      append(update, subject.image, 4096);
      update.close();
      throws(() => update.write(subject.image.subarray(0, 16)));
      throws(() => update.complete());
      ok(!subject.isActivated(), "activated");
    },
  },
];

export const updateObligations: readonly Obligation<UpdateSubject>[] = [...opening, ...writing, ...completing, ...life];
