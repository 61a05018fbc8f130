/**
 * The images that are not tried again, by hash, each with the number of the release that named it when it failed.
 *
 * A version number can lie and a hash cannot. A release with a greater number that names the same image lifts its quarantine:
 * somebody has looked and signed again. See docs/design/ota.md.
 */

/** Images kept in quarantine; the oldest is forgotten when a ninth comes. */
export const QUARANTINE_COUNT_MAX = 8;

export interface QuarantinedImage {
  readonly imageId: string;
  /** The greatest number of a release of it that failed; 0 where none is known. */
  readonly releaseNumber: number;
}

export class Quarantine {
  readonly #images: QuarantinedImage[] = [];

  /** Oldest first. */
  get images(): readonly QuarantinedImage[] {
    return this.#images;
  }

  /** The image becomes the youngest. */
  add({ imageId, releaseNumber }: QuarantinedImage): void {
    const index = this.#indexOf(imageId);
    const known = index < 0 ? 0 : this.#images.splice(index, 1)[0]!.releaseNumber;
    if (this.#images.length === QUARANTINE_COUNT_MAX) this.#images.shift();
    this.#images.push({ imageId, releaseNumber: Math.max(known, releaseNumber) });
  }

  /** Whether the image, named by a release of this number (0: by none), must not be tried. */
  bars(imageId: string, releaseNumber: number): boolean {
    const index = this.#indexOf(imageId);
    return index >= 0 && releaseNumber <= this.#images[index]!.releaseNumber;
  }

  #indexOf(imageId: string): number {
    for (let index = 0; index < this.#images.length; index++) if (this.#images[index]!.imageId === imageId) return index;
    return -1;
  }
}
