/** Digests with one fault each: what the suite of the Digest port must notice. Each extends a right one. */
import type { Digest, DigestConstructor } from "../../../src/ports/digest.js";
import type { Broken } from "../../harness/port-suite.js";
import type { DigestSubject } from "../digest.js";

type Open = () => DigestSubject;

/** The calls of a right digest, each of which a fault may replace. */
interface Fault {
  write?(right: Digest, bytes: Uint8Array): void;
  digest?(right: Digest): Uint8Array;
  close?(right: Digest): void;
}

/** `derive` gives the fault of one instance. */
function withFault(open: Open, derive: (Right: DigestConstructor) => Fault): Open {
  return () => {
    const Right = open().Digest;
    class Faulty implements Digest {
      readonly #right = new Right();
      readonly #fault = derive(Right);
      write(bytes: Uint8Array): void {
        if (this.#fault.write) this.#fault.write(this.#right, bytes);
        else this.#right.write(bytes);
      }
      digest(): Uint8Array {
        return this.#fault.digest ? this.#fault.digest(this.#right) : this.#right.digest();
      }
      close(): void {
        if (this.#fault.close) this.#fault.close(this.#right);
        else this.#right.close();
      }
    }
    return { Digest: Faulty };
  };
}

/** Answers again what it answered first. */
function repeatsItself(): Fault {
  let result: Uint8Array | undefined;
  return {
    digest(right) {
      result ??= right.digest();
      return result;
    },
  };
}

function keepsThePieces(): Fault {
  const pieces: Uint8Array[] = [];
  return {
    write: (_right, bytes) => void pieces.push(bytes),
    digest(right) {
      for (const piece of pieces) right.write(piece);
      return right.digest();
    },
  };
}

function hasOneResult(open: Open): Open {
  return () => {
    const shared = new Uint8Array(32);
    return withFault(open, () => ({
      digest(right) {
        shared.set(right.digest());
        return shared;
      },
    }))();
  };
}

/** All instances share one hash, which the last one made starts anew, as with one unit of hardware and no saved state. */
function hasOneUnit(open: Open): Open {
  return () => {
    let unit: Digest | undefined;
    return withFault(open, (Right) => {
      unit = new Right();
      return { write: (_right, bytes) => unit?.write(bytes), digest: () => (unit ?? new Right()).digest(), close: () => {} };
    })();
  };
}

function brokenResults(open: Open): readonly Broken<DigestSubject>[] {
  return [
    {
      must: "give the SHA-256 of what was written, in 32 bytes",
      fault: "gives 20 bytes",
      open: withFault(open, () => ({ digest: (right) => right.digest().subarray(0, 20) })),
    },
    {
      must: "give the SHA-256 of what was written, in 32 bytes",
      fault: "gives the words in the other byte order",
      open: withFault(open, () => ({
        digest: (right) => right.digest().map((_byte, index, whole) => whole[index ^ 3]!),
      })),
    },
    {
      must: "give the digest of the empty message where nothing was written",
      fault: "gives zeros where nothing was written",
      open: withFault(open, () => {
        let written = false;
        return {
          write(right, bytes) {
            written = true;
            right.write(bytes);
          },
          digest: (right) => (written ? right.digest() : new Uint8Array(32)),
        };
      }),
    },
    {
      must: "not depend on how a message is cut, up to 1,000,000 bytes",
      fault: "drops what does not fill a word",
      open: withFault(open, () => ({ write: (right, bytes) => right.write(bytes.subarray(0, bytes.length & ~3)) })),
    },
    {
      must: "take the bytes of the view and no others",
      fault: "takes the whole buffer behind the view",
      open: withFault(open, () => ({ write: (right, bytes) => right.write(new Uint8Array(bytes.buffer)) })),
    },
    {
      must: "have consumed the bytes when write returns",
      fault: "keeps the caller's arrays until digest",
      open: withFault(open, keepsThePieces),
    },
    {
      must: "keep two that are open at once apart",
      fault: "has one unit for all",
      open: hasOneUnit(open),
    },
    {
      must: "leave the result to the caller",
      fault: "gives the same array each time",
      open: hasOneResult(open),
    },
  ];
}

/** `open` gives right digests. */
export function brokenDigests(open: Open): readonly Broken<DigestSubject>[] {
  return [
    ...brokenResults(open),
    {
      must: "throw closed at a second digest",
      fault: "repeats the result",
      open: withFault(open, repeatsItself),
    },
    {
      must: "throw closed at write after digest",
      fault: "ignores what is written after digest",
      open: withFault(open, () => {
        let done = false;
        return {
          write(right, bytes) {
            if (!done) right.write(bytes);
          },
          digest(right) {
            done = true;
            return right.digest();
          },
        };
      }),
    },
    {
      must: "throw closed at write and digest after close",
      fault: "stays open",
      open: withFault(open, () => ({ close: () => {} })),
    },
    {
      must: "do nothing at a second close, and at a close after digest",
      fault: "gives the result up by digesting once more",
      open: withFault(open, () => ({ close: (right) => void right.digest() })),
    },
  ];
}
