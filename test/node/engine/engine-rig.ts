/**
 * A chip in small for the specs of the engine: it starts holdfast-xs on a firmware and answers its frames from this process.
 *
 * Only what the program needs of a chip is here, so that a failure is the program's: hello, reading the flash, lines and
 * aborts. Everything else goes to the spec's own answer. The flash holds one image, made by the real builder from the texts
 * given.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { type EngineVariant, ensureEngine } from "../../../cli/engine/ensure-engine.js";
import { buildFirmwareImage } from "../../../hosts/node/simulator/firmware-image.js";
import { encodeFrame, type Frame, FrameReader } from "../../../hosts/node/simulator/rpc.js";
import { Operation, Status } from "../../../hosts/simulated/wire.js";
import { errorCodeOf, messageOf } from "../../../src/errors.js";

const SLOT_OFFSET = 0x20000;
const SLOT_SIZE_BYTES = 0x100000;
/** Far longer than anything here takes: a wait that ends by it is a failure. */
const PATIENCE_MS = 8000;

/** Adapters in small: `main` gets native and `say`, which sends a line. */
export const SMALL_HOST = `
export function boot(native, main) {
  main({ native, say: (line) => native.send(${Operation.trace}, 0, 0, native.utf8Encode(String(line))) });
}
`;

export interface Firmware {
  readonly application: string;
  readonly preload?: string;
  /** Default: SMALL_HOST. */
  readonly host?: string;
  readonly parameters?: readonly string[];
  /** The slot's bytes, where they are not to be an image of the texts. */
  readonly slot?: Uint8Array;
  /** Answers operations that the rig does not know: a whole reply. */
  readonly answer?: (frame: Frame) => Buffer;
}

/** The slot's bytes for the two texts. */
export function imageOf(preload: string, application: string): Uint8Array {
  return buildFirmwareImage({ bundles: { preload, application }, project: "engine-spec", version: "1.0.0" });
}

/**
 * The program, or undefined with one line on the console where this computer cannot build it. HOLDFAST_ENGINE=sanitized or
 * slots16 in the environment runs the same specs on another variant. `extension`: folders with C files of a spec's own.
 */
export async function engineOrSkip(extension: readonly string[] = []): Promise<string | undefined> {
  const variant = (process.env["HOLDFAST_ENGINE"] ?? "release") as EngineVariant;
  try {
    return await ensureEngine({ variant, extension, log: (line) => console.log(`  ${line}`) });
  } catch (error) {
    if (errorCodeOf(error) !== "missing") throw error;
    console.log(`  specs of the engine are skipped: ${messageOf(error)}`);
    return undefined;
  }
}

/** One boot of one firmware. */
export class EngineRig {
  readonly process: ChildProcess;
  readonly lines: string[] = [];
  readonly aborts: string[] = [];
  /** Each frame that was not answered by the rig itself, but hello. */
  readonly frames: Frame[] = [];
  /** Offset and length of each read of the flash. */
  readonly flashReads: [number, number][] = [];
  complaints = "";
  ended: string | undefined;
  readonly #folder: string;
  readonly #slot: Uint8Array;
  readonly #firmware: Firmware;
  readonly #waiters = new Set<() => void>();

  constructor(program: string, firmware: Firmware) {
    this.#firmware = firmware;
    this.#slot = firmware.slot ?? imageOf(firmware.preload ?? "export const nothing = 0;", firmware.application);
    this.#folder = mkdtempSync(join(tmpdir(), "holdfast-engine-"));
    const host = join(this.#folder, "host.js");
    writeFileSync(host, firmware.host ?? SMALL_HOST);
    this.process = spawn(program, ["--host", host, ...(firmware.parameters ?? [])], {
      stdio: ["ignore", "ignore", "pipe", "pipe", "pipe", "pipe"],
    });
    const reader = new FrameReader();
    const socket = this.#stream(3);
    socket.on("data", (chunk: Buffer) => reader.push(chunk, (frame) => this.#serve(socket, frame)));
    for (const stream of this.process.stdio.slice(3)) stream?.on("error", () => {});
    this.process.stderr?.on("data", (chunk: Buffer) => {
      this.complaints += chunk.toString("utf8");
    });
    // Its last words may be read after its end: a busy computer tells of the end first.
    const { stderr } = this.process;
    this.process.on("exit", (code, signal) => {
      const end = (): void => {
        this.ended = signal ?? `code ${code}`;
        this.#changed();
      };
      if (stderr === null || stderr.readableEnded) end();
      else stderr.once("end", end);
    });
  }

  /** Our end of a descriptor of the program. Node's types know five of them. */
  #stream(descriptor: number): Duplex {
    return (this.process.stdio as readonly unknown[])[descriptor] as Duplex;
  }

  #changed(): void {
    for (const look of this.#waiters) look();
  }

  #serve(socket: Duplex, frame: Frame): void {
    const text = Buffer.from(frame.bytes).toString("utf8");
    if (frame.code === Operation.hello) {
      socket.write(encodeFrame(Status.done, SLOT_OFFSET, SLOT_SIZE_BYTES, Buffer.from('{"greeting":"grüß dich"}', "utf8")));
    } else if (frame.code === Operation.readFlash) {
      this.flashReads.push([frame.first, frame.second]);
      socket.write(encodeFrame(Status.done, 0, 0, this.#readFlash(frame.first, frame.second)));
    } else if (frame.code === Operation.trace) {
      this.lines.push(text);
    } else if (frame.code === Operation.abort) {
      this.aborts.push(text);
    } else {
      this.frames.push({ ...frame, bytes: frame.bytes.slice() });
      const reply = this.#firmware.answer?.(frame);
      if (reply) socket.write(reply);
    }
    this.#changed();
  }

  /** The slot, and erased flash around it. */
  #readFlash(offset: number, byteLength: number): Uint8Array {
    const bytes = new Uint8Array(byteLength).fill(0xff);
    const start = offset - SLOT_OFFSET;
    bytes.set(this.#slot.subarray(start, start + byteLength));
    return bytes;
  }

  /** Resolves when `condition` gives something. */
  until<T>(what: string, condition: () => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const seen = (): string => [...this.lines, ...this.aborts, this.complaints, this.ended ?? "runs"].join(" | ");
      const giveUp = (): void => {
        this.#waiters.delete(look);
        reject(new Error(`${what} did not come: ${seen()}`));
      };
      const timer = setTimeout(giveUp, PATIENCE_MS);
      const look = (): void => {
        const found = condition();
        if (found === undefined) return;
        clearTimeout(timer);
        this.#waiters.delete(look);
        resolve(found);
      };
      this.#waiters.add(look);
      look();
    });
  }

  /** The first line that begins so, without that beginning. */
  line(beginning: string): Promise<string> {
    const find = (): string | undefined => this.lines.find((line) => line.startsWith(beginning))?.slice(beginning.length);
    return this.until(`a line "${beginning}"`, find);
  }

  abort(): Promise<string> {
    return this.until("an abort", () => this.aborts[0]);
  }

  /** How the process ended by itself. */
  exit(): Promise<string> {
    return this.until("the end", () => this.ended);
  }

  /** Sends an event. */
  event(frame: Buffer): void {
    this.#stream(5).write(frame);
  }

  /** Closes the socket of the events, and nothing else. */
  endEvents(): void {
    this.#stream(5).destroy();
  }

  writeToTether(text: string): void {
    this.#stream(4).write(text);
  }

  /** Closes the tether, as the end of the chip's process does. */
  releaseTether(): void {
    this.#stream(4).destroy();
  }

  stop(): void {
    this.process.kill("SIGKILL");
    for (const stream of this.process.stdio.slice(3)) (stream as Duplex | undefined)?.destroy();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Rigs of one spec file, stopped together. */
export class RigBench {
  readonly #program: string;
  readonly #rigs: EngineRig[] = [];

  constructor(program: string) {
    this.#program = program;
  }

  /** Boots a firmware; a text is an application without a preload. */
  start(firmware: Firmware | string): EngineRig {
    const rig = new EngineRig(this.#program, typeof firmware === "string" ? { application: firmware } : firmware);
    this.#rigs.push(rig);
    return rig;
  }

  /** Boots a firmware and gives the line it aborts with. */
  abortOf(firmware: Firmware | string): Promise<string> {
    return this.start(firmware).abort();
  }

  stop(): void {
    for (const rig of this.#rigs) rig.stop();
    this.#rigs.length = 0;
  }
}
