/**
 * The smallest firmware that updates itself, with the ports that an update uses watched: each call of one collects the garbage
 * and looks how much of the heap is alive.
 *
 * So the highest point is that of what is needed and not of what has not been collected yet; what lives between two calls of a
 * port only is not seen. Traces the heap at rest, waits for an update, and traces the highest point of each phase.
 */
import type { Digest, DigestConstructor } from "../../../src/ports/digest.js";
import type { FlashPartition, FlashStorage } from "../../../src/ports/flash.js";
import type { Host } from "../../../src/ports/host.js";
import type { Verifier } from "../../../src/ports/verifier.js";
import { startUpdatable } from "../../../test/fixtures/firmware/updatable/main.js";
import { makeTarget } from "../../../test/size/firmware/ruler.js";
import type { HeapReading, UpdatePhase } from "../heap-reading.js";

/** Polls have come and gone by then; each of the looks may still meet one, so the least of them is the rest. */
const REST_MS = 700;
const REST_LOOK_COUNT = 20;
const REST_LOOK_PERIOD_MS = 7;

/** What the XS host gives beside the ports. */
interface Counting {
  readonly engine: {
    statistics(target: object): unknown;
    collect(): void;
  };
}

class HeapWatch {
  readonly #engine: Counting["engine"];
  readonly #trace: (line: string) => void;
  readonly #now = makeTarget();
  #restBytes = Number.POSITIVE_INFINITY;
  readonly #most = { slots: 0, slotBytes: 0, chunkBytes: 0, bytes: 0 };

  constructor(host: Host & Counting) {
    this.#engine = host.engine;
    this.#trace = (line) => host.trace(line);
  }

  /** Takes note where more is alive than ever in this phase. */
  look(): void {
    this.#engine.collect();
    this.#engine.statistics(this.#now);
    const { slots, slotBytes, chunkBytes } = this.#now;
    const most = this.#most;
    if (slotBytes + chunkBytes <= most.bytes) return;
    most.slots = slots;
    most.slotBytes = slotBytes;
    most.chunkBytes = chunkBytes;
    most.bytes = slotBytes + chunkBytes;
  }

  /** Takes note where less is alive than ever: for the rest. */
  lookAtRest(): void {
    const { bytes } = this.#most;
    this.#most.bytes = 0;
    this.look();
    if (this.#restBytes > this.#most.bytes) {
      this.#restBytes = this.#most.bytes;
      this.#tell("rest");
    }
    this.#most.bytes = bytes;
  }

  /** The last of the rest: now the update may come. */
  endRest(): void {
    this.#most.bytes = 0; // A start reads the journal whole.
    this.#trace("at rest");
  }

  /** Tells the highest point, and begins a new phase. */
  tell(phase: UpdatePhase): void {
    this.look();
    this.#tell(phase);
    this.#most.bytes = 0;
  }

  #tell(phase: UpdatePhase): void {
    const { slots, chunkBytes, bytes } = this.#most;
    const reading: HeapReading = { phase, slots, chunkBytes, bytes, slotSizeBytes: this.#now.slotSizeBytes };
    this.#trace(JSON.stringify(reading));
  }
}

function watchPartition(partition: FlashPartition, watch: HeapWatch): FlashPartition {
  return {
    format: "buffer",
    read: ((target: number & Uint8Array, offset: number) => {
      const got = partition.read(target, offset);
      watch.look();
      return got;
    }) as FlashPartition["read"],
    write(buffer, offset) {
      watch.look();
      partition.write(buffer, offset);
    },
    eraseBlock(start, end) {
      watch.look();
      partition.eraseBlock(start, end);
    },
    status: () => partition.status(),
    close: () => partition.close(),
  };
}

function watchFlash(flash: FlashStorage, watch: HeapWatch): FlashStorage {
  return {
    open: (options) => watchPartition(flash.open(options), watch),
    [Symbol.iterator]: () => flash[Symbol.iterator](),
  };
}

function watchDigest(Native: DigestConstructor, watch: HeapWatch): DigestConstructor {
  return class extends Native implements Digest {
    override write(bytes: Uint8Array): void {
      watch.look();
      super.write(bytes);
    }
  };
}

function watchVerifier(verifier: Verifier, watch: HeapWatch): Verifier {
  return {
    verify(request) {
      watch.look();
      return verifier.verify(request);
    },
  };
}

export default function main(host: Host & Counting): void {
  const watch = new HeapWatch(host);
  let lookCount = 0;
  const timer = new host.Timer({
    onExpire: () => {
      watch.lookAtRest();
      if (++lookCount < REST_LOOK_COUNT) timer.arm(REST_LOOK_PERIOD_MS);
      else watch.endRest();
    },
  });
  timer.arm(REST_MS);
  const trace = (line: string): void => {
    if (line.startsWith("update offered")) watch.tell("offer");
    if (line.startsWith("update downloaded")) watch.tell("download");
    if (line.startsWith("update verified")) watch.tell("verify");
    if (line.startsWith("update armed")) watch.tell("arm");
    host.trace(line);
  };
  startUpdatable(
    {
      ...host,
      flash: watchFlash(host.flash, watch),
      Digest: watchDigest(host.Digest, watch),
      verifier: watchVerifier(host.verifier, watch),
      trace,
    },
    "1.0.0",
  );
}
