/**
 * A lock beside a file, so that two processes never write the same flash image.
 *
 * The lock is a file of its own that holds the owner's process id and is created exclusively. A device that is killed leaves
 * its lock behind, so the lock of a process that no longer lives is taken over: moved aside first, because of two that find it
 * at the same instant only one can move it. A lock by flock() would vanish with its process, but Node does not offer it.
 * See docs/design/simulator.md.
 */
import { linkSync, readFileSync, renameSync, unlinkSync, writeFileSync } from "node:fs";
import { FirmwareError } from "../../src/errors.js";

/** How often a lock that vanishes under our hands is tried again. */
const ATTEMPT_COUNT_MAX = 3;

export class FileLock {
  readonly #lockPath: string;
  #held = true;

  /** Takes `<file>.lock`. Throws `busy`, naming the process, while a living one holds it. */
  constructor(file: string) {
    this.#lockPath = `${file}.lock`;
    for (let attempt = 0; attempt < ATTEMPT_COUNT_MAX; attempt++) {
      if (this.#create()) return;
      this.#refuseLiving();
      this.#moveAside();
    }
    throw new FirmwareError("busy", `${this.#lockPath}: taken by another process again and again; expected to be free`);
  }

  /** A second release does nothing. */
  release(): void {
    if (!this.#held) return;
    this.#held = false;
    removeIfThere(this.#lockPath);
  }

  #create(): boolean {
    try {
      writeFileSync(this.#lockPath, `${process.pid}\n`, { flag: "wx" });
      return true;
    } catch (error) {
      if (codeOf(error) === "EEXIST") return false;
      throw error;
    }
  }

  #refuseLiving(): void {
    const owner = ownerOf(this.#lockPath);
    if (owner === undefined || !isAlive(owner)) return;
    throw new FirmwareError("busy", `${this.#lockPath}: process ${owner} holds the file; expected it to be closed there first`);
  }

  /** Whoever took the dead lock over before us has made a new one: if that is what we moved, it goes back. */
  #moveAside(): void {
    const asidePath = `${this.#lockPath}.${process.pid}`;
    try {
      renameSync(this.#lockPath, asidePath);
    } catch (error) {
      if (codeOf(error) === "ENOENT") return;
      throw error;
    }
    const owner = ownerOf(asidePath);
    if (owner !== undefined && isAlive(owner)) linkSync(asidePath, this.#lockPath);
    removeIfThere(asidePath);
  }
}

/** `undefined` where there is no lock, or one that its owner died writing. */
function ownerOf(lockPath: string): number | undefined {
  try {
    const owner = Number.parseInt(readFileSync(lockPath, "utf8"), 10);
    return owner > 0 ? owner : undefined;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0); // Signal 0 asks and does nothing.
    return true;
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
}

function removeIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
  }
}

function codeOf(error: unknown): unknown {
  return (error as { code?: unknown }).code;
}
