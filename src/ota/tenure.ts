/**
 * What the running image earns by running: an end of its unhealthy starts, and at last the floors that its release asked for.
 *
 * Confirmed is not proved: an image can pass its gate and fail in its second night. So its numbers become floors only when it
 * has soaked, and until then the way back to the image before it is open. When that is, aftercare.ts decides.
 */
import type { BootLog } from "./boot-log.js";
import type { FloorRecord } from "./floor-record.js";

export class Tenure {
  readonly #log: BootLog;
  readonly #imageId: string;

  /** `imageId`: of the running image, which is not on trial. */
  constructor(options: { readonly log: BootLog; readonly imageId: string }) {
    this.#log = options.log;
    this.#imageId = options.imageId;
  }

  /** This start has run well for long enough: the ladder begins anew. Writes nothing where no start went wrong. */
  recordHealthy(): void {
    if (this.#log.history.streak.count > 0) this.#log.healthy(this.#imageId);
  }

  /** Whether the image is confirmed and came with numbers that are not floors yet. */
  get isSoaking(): boolean {
    return this.#soakRecords().length > 0;
  }

  /** Starts of the confirmed image in a row that did not go wrong; 0 where another image runs. */
  get calmBootCount(): number {
    const { confirmed } = this.#log.history;
    return confirmed?.imageId === this.#imageId ? confirmed.calmBootCount : 0;
  }

  /** Security version and release number of the image are floors from now on. */
  soak(): void {
    this.#log.floors(this.#soakRecords());
  }

  #soakRecords(): FloorRecord[] {
    const { confirmed, releases, floors } = this.#log.history;
    const release = confirmed?.imageId === this.#imageId ? releases.of(this.#imageId) : undefined;
    return release === undefined ? [] : floors.soaked(release);
  }
}
