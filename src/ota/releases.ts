/**
 * What the releases of the two slots' images asked to be remembered: their numbers, and the key that signs after them.
 *
 * It is written as PENDING before an image is armed and holds only later: the key from the image's CONFIRMED, the numbers when
 * it has run for a while. A floor that grew too early would bar the way back to the image before it. Bytes:
 * docs/spec/journal.md.
 */
import { digitsOf, type FloorRecord, keyOf, keyRecord } from "./floor-record.js";
import { type JournalRecord, RecordType } from "./journal-record.js";

/** What a release asks to be remembered once its image was confirmed. Not before: it could lock a device out that went back. */
export interface ReleaseFloors {
  readonly sequenceNumber: number;
  readonly securityVersion: number;
  /** 32 bytes; `undefined`: the key stays. */
  readonly nextKeyDigest: Uint8Array | undefined;
}

/** The numbers of the release that an image came with. */
export interface ImageRelease {
  readonly imageId: string;
  readonly sequenceNumber: number;
  readonly securityVersion: number;
  /** 32 hexadecimal digits; `undefined` once it holds. */
  readonly nextKey: string | undefined;
}

/** The image that runs, and the one in the other slot. */
const RELEASE_COUNT_MAX = 2;

export class Releases {
  /** In the order of their coming. */
  readonly #releases: ImageRelease[] = [];

  /** Of the image; `undefined` where no release named it: from the factory, flashed by a tool, or long gone. */
  of(imageId: string | undefined): ImageRelease | undefined {
    return this.#releases.find((release) => release.imageId === imageId);
  }

  /** Takes PENDING and PENDING KEY. `keptId`: the image last confirmed, which does not give way. */
  fold(record: JournalRecord, keptId: string | undefined): void {
    const { imageId, first, second } = record;
    if (record.type === RecordType.pending) {
      const known = this.of(imageId);
      const isSame = known?.sequenceNumber === first && known.securityVersion === second;
      const nextKey = isSame ? known.nextKey : undefined; // The same release once more, whose key may stand in the other half.
      this.#remove(imageId);
      if (this.#releases.length === RELEASE_COUNT_MAX) {
        this.#releases.splice(this.#releases[0]!.imageId === keptId ? 1 : 0, 1);
      }
      this.#releases.push({ imageId, sequenceNumber: first, securityVersion: second, nextKey });
    } else if (record.type === RecordType.pendingKey) {
      // It belongs to the PENDING before it, unless that was lost.
      const last = this.#releases.length - 1;
      const release = this.#releases[last];
      if (release !== undefined && keyMark(release.imageId) === record.detail) {
        this.#releases[last] = { ...release, nextKey: keyOf(record) };
      }
    }
  }

  /** The image was confirmed: the key that it asked for, which holds from now on; `undefined` where it asked for none. */
  takeKey(imageId: string): string | undefined {
    const index = this.#releases.findIndex((release) => release.imageId === imageId);
    if (index < 0) return undefined;
    const { nextKey } = this.#releases[index]!;
    this.#releases[index] = { ...this.#releases[index]!, nextKey: undefined };
    return nextKey;
  }

  /** The records that say what the release of `imageId` asks for; none where they stand already. */
  recordsFor(imageId: string, release: ReleaseFloors): FloorRecord[] {
    const { sequenceNumber, securityVersion, nextKeyDigest } = release;
    const wanted = { imageId, sequenceNumber, securityVersion, nextKey: nextKeyDigest && digitsOf(nextKeyDigest) };
    const known = this.of(imageId);
    const isSame =
      known?.sequenceNumber === sequenceNumber &&
      known.securityVersion === securityVersion &&
      known.nextKey === wanted.nextKey &&
      this.#releases[this.#releases.length - 1] === known;
    return isSame ? [] : recordsOf(wanted);
  }

  /** The records that fold to this. They come behind the CONFIRMED of the same image, which would make a key hold. */
  live(): FloorRecord[] {
    return this.#releases.flatMap(recordsOf);
  }

  #remove(imageId: string): void {
    const index = this.#releases.findIndex((release) => release.imageId === imageId);
    if (index >= 0) this.#releases.splice(index, 1);
  }
}

/** The key last: without it a cut leaves a pending release that asks for less, and its image is not armed. */
function recordsOf({ imageId, sequenceNumber, securityVersion, nextKey }: ImageRelease): FloorRecord[] {
  const pending = { type: RecordType.pending, detail: 0, imageId, first: sequenceNumber, second: securityVersion };
  return nextKey === undefined ? [pending] : [pending, keyRecord(RecordType.pendingKey, nextKey, keyMark(imageId))];
}

/** The last byte of an image's id. */
function keyMark(imageId: string): number {
  return Number.parseInt(imageId.substring(imageId.length - 2), 16);
}
