/** Update storages with one fault each: what the suite of the Update port must notice. Each wraps a right one. */
import type { Update, UpdateOpenOptions, UpdateStorage } from "../../../src/ports/update.js";
import type { Broken } from "../../harness/port-suite.js";
import type { UpdateSubject } from "../update.js";

type Open = () => UpdateSubject;
type Write = (buffer: Uint8Array | ArrayBuffer, ...offset: number[]) => void;

/** The right subject with another `open`. */
function withOpen(open: Open, derive: (right: UpdateStorage, subject: UpdateSubject) => UpdateStorage["open"]): Open {
  return () => {
    const subject = open();
    return { ...subject, update: { open: derive(subject.update, subject) }, isActivated: () => subject.isActivated() };
  };
}

/** The right storage whose updates have a fault. */
function withFault(open: Open, fault: (right: Update, options: UpdateOpenOptions) => Partial<Update>): Open {
  return withOpen(open, (storage) => (options) => {
    const right = storage.open(options);
    const write: Write = (buffer, ...offset) => (right.write as Write).call(right, buffer, ...offset);
    const base: Update = {
      write: write as Update["write"],
      complete: () => right.complete(),
      close: () => right.close(),
      get format() {
        return right.format;
      },
      set format(value) {
        right.format = value;
      },
    };
    return Object.defineProperties(base, Object.getOwnPropertyDescriptors(fault(right, options)));
  });
}

/** The right one, activated behind its back by an update of the whole image. */
function activate(subject: UpdateSubject): void {
  const update = subject.update.open({ partition: subject.flash.open({ path: "nextota" }) });
  update.write(subject.image);
  update.complete();
}

/** A storage that activates the whole image where `when` fails or is called, whatever was written. */
function activatingAt(open: Open, when: "complete" | "failedComplete" | "close" | "write"): Open {
  return () => {
    const subject = open();
    const wrapped = withFault(
      () => subject,
      (right) => ({
        write(buffer) {
          right.write(buffer);
          if (when === "write") activate(subject);
        },
        complete() {
          try {
            right.complete();
          } catch (error) {
            if (when !== "close") activate(subject);
            if (when === "failedComplete") throw error;
          }
        },
        close() {
          right.close();
          if (when === "close") activate(subject);
        },
      }),
    );
    return wrapped();
  };
}

function brokenOpenings(open: Open): readonly Broken<UpdateSubject>[] {
  return [
    {
      must: "throw at open without an open partition",
      fault: "takes the next slot without one",
      open: withOpen(open, (right, subject) => (options) => {
        return right.open({ ...options, partition: options?.partition ?? subject.flash.open({ path: "nextota" }) });
      }),
    },
    {
      must: 'throw at open for a partition in mode "r"',
      fault: "writes it all the same",
      open: withOpen(open, (right, subject) => (options) => {
        return right.open({ ...options, partition: subject.flash.open({ path: "nextota" }) });
      }),
    },
    {
      must: "throw at open for an unknown mode, and for a byteLength that is none or beyond the partition, and erase nothing",
      fault: "takes every other mode for the default",
      open: withOpen(open, (right) => (options) => right.open({ ...options, mode: options.mode === "w" ? "w" : "a" })),
    },
    {
      must: "throw at open for an unknown mode, and for a byteLength that is none or beyond the partition, and erase nothing",
      fault: "erases before it looks at byteLength",
      open: withOpen(open, (right) => (options) => {
        options.partition.eraseBlock(0);
        return right.open(options);
      }),
    },
    {
      must: "take frozen options and leave open ones as they are",
      fault: "writes the default mode into the options",
      open: withOpen(open, (right) => (options) => {
        (options as { mode?: string }).mode ??= "a";
        return right.open(options);
      }),
    },
    { must: "throw where the class itself is constructed", fault: "is a plain object", open: withFault(open, () => ({})) },
    {
      must: "keep the format buffer and throw for another",
      fault: "takes any format",
      open: withFault(open, () => ({ format: "buffer" })),
    },
  ];
}

function brokenWrites(open: Open): readonly Broken<UpdateSubject>[] {
  return [
    {
      must: 'write in mode "a", the default, one piece behind the other',
      fault: "writes every piece at the start",
      open: withFault(open, (_right, { partition }) => ({ write: (buffer) => partition.write(buffer, 0) })),
    },
    {
      must: 'write in mode "w" at any offset, in any order',
      fault: "writes in the order of arrival",
      open: withOpen(open, (right) => ({ partition }) => {
        const appending = right.open({ partition });
        const write = (buffer: Uint8Array | ArrayBuffer) => appending.write(buffer);
        return { write, complete: () => appending.complete(), close: () => appending.close(), format: "buffer" };
      }),
    },
    {
      must: 'throw for an offset in mode "a", and without one in mode "w"',
      fault: 'ignores an offset in mode "a"',
      open: withFault(open, (right, { mode = "a" }) => ({
        write: (buffer, offset) => (mode === "a" ? right.write(buffer) : right.write(buffer, offset)),
      })),
    },
    {
      must: 'throw for an offset in mode "a", and without one in mode "w"',
      fault: 'begins at 0 without an offset in mode "w"',
      open: withFault(open, (right, { mode = "a" }) => {
        const write: Write = (buffer, ...offset) => {
          if (mode === "w" && offset.length === 0) right.write(buffer, 0);
          else (right.write as Write).call(right, buffer, ...offset);
        };
        return { write: write as Update["write"] };
      }),
    },
  ];
}

function brokenWriteBounds(open: Open): readonly Broken<UpdateSubject>[] {
  return [
    {
      must: "throw for a write beyond byteLength, and beyond the partition without one",
      fault: "takes byteLength for advice",
      open: withOpen(
        open,
        (right) =>
          ({ partition, mode = "a" }) =>
            right.open({ partition, mode }),
      ),
    },
    {
      must: "throw for a write beyond byteLength, and beyond the partition without one",
      fault: "drops what is beyond the partition",
      open: withFault(open, (right, { partition, mode, byteLength }) => ({
        write(buffer, offset) {
          if (mode !== "w") right.write(buffer);
          else if (byteLength !== undefined || offset! + buffer.byteLength <= partition.status().size)
            right.write(buffer, offset);
        },
      })),
    },
    {
      must: "throw for a first byte that begins no image, when appending",
      fault: "leaves it to complete",
      open: withFault(open, (_right, { partition }) => ({ write: (buffer) => partition.write(padded(buffer), 0) })),
    },
    {
      must: "keep no reference to the buffer of a write",
      fault: "writes when it completes",
      open: withFault(open, (right) => {
        const pieces: (Uint8Array | ArrayBuffer)[] = [];
        return {
          write: (buffer) => void pieces.push(buffer),
          complete() {
            for (const piece of pieces) right.write(piece);
            right.complete();
          },
        };
      }),
    },
  ];
}

function brokenCompletions(open: Open): readonly Broken<UpdateSubject>[] {
  return [
    { must: "activate at complete, and not before", fault: "activates at the first write", open: activatingAt(open, "write") },
    {
      must: "activate at complete, and not before",
      fault: "does not activate",
      open: withFault(open, () => ({ complete() {} })),
    },
    {
      must: 'activate in mode "w" too',
      fault: 'activates in mode "a" only',
      open: withFault(open, (right, { mode }) => ({
        complete() {
          if (mode !== "w") right.complete();
        },
      })),
    },
    {
      must: "not activate where close comes without complete",
      fault: "completes when it is closed",
      open: activatingAt(open, "close"),
    },
  ];
}

function brokenVerdicts(open: Open): readonly Broken<UpdateSubject>[] {
  return [
    {
      must: "throw at complete where nothing was written, and not activate",
      fault: "activates what was there before",
      open: activatingAt(open, "complete"),
    },
    {
      must: "throw at complete for an image that ends early, and not activate",
      fault: "activates before it verifies",
      open: activatingAt(open, "failedComplete"),
    },
    {
      must: "throw at complete for an image that ends early, and not activate",
      fault: "does not tell",
      open: withFault(open, (right) => ({
        complete() {
          try {
            right.complete();
          } catch {
            // The fault: nobody hears of it.
          }
        },
      })),
    },
    {
      must: "throw at complete for a damaged image, and not activate",
      fault: "does not verify",
      open: activatingAt(open, "complete"),
    },
    {
      must: "throw at write and complete after complete",
      fault: "completes twice",
      open: withFault(open, (right) => {
        let done = false;
        return {
          complete() {
            if (!done) right.complete();
            done = true;
          },
        };
      }),
    },
    {
      must: "throw at write and complete after complete",
      fault: "drops what is written later",
      open: withFault(open, (right) => {
        let done = false;
        return {
          write(buffer) {
            if (!done) right.write(buffer);
          },
          complete() {
            right.complete();
            done = true;
          },
        };
      }),
    },
  ];
}

function brokenLives(open: Open): readonly Broken<UpdateSubject>[] {
  return [
    {
      must: "do nothing at a second close",
      fault: "throws at the second close",
      open: withFault(open, (right) => {
        let closed = false;
        return {
          close() {
            if (closed) throw new Error("closed");
            closed = true;
            right.close();
          },
        };
      }),
    },
    {
      must: "throw at every other call after close",
      fault: "goes on after close",
      open: withFault(open, () => ({ close() {} })),
    },
  ];
}

function padded(buffer: Uint8Array | ArrayBuffer): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(buffer.byteLength / 16) * 16).fill(0xff);
  bytes.set(buffer instanceof Uint8Array ? buffer : new Uint8Array(buffer));
  return bytes;
}

/** `open` gives a right storage. */
export function brokenUpdates(open: Open): readonly Broken<UpdateSubject>[] {
  return [
    ...brokenOpenings(open),
    ...brokenWrites(open),
    ...brokenWriteBounds(open),
    ...brokenCompletions(open),
    ...brokenVerdicts(open),
    ...brokenLives(open),
  ];
}
