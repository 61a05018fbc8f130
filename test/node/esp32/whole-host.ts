/**
 * A start on a board, from Moddable's first call to the application's: the shipped setup module and entry over stand-ins, on
 * the partition table that is shipped, at both levels.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { openFlashStorage } from "../../../hosts/esp32/flash.js";
import type { NativeChip } from "../../../hosts/esp32/native-chip.js";
import { verifier } from "../../../hosts/node/verifier.js";
import { Core } from "../../../src/core.js";
import { encodeOtaEntry, OtaState } from "../../../src/image/otadata.js";
import { Journal } from "../../../src/ota/journal.js";
import { RecordType } from "../../../src/ota/journal-record.js";
import type { Host } from "../../../src/ports/host.js";
import { equal, ok } from "../../harness/expect.js";
import { after, before, describe, it } from "../../harness/spec.js";
import { verifierObligations } from "../../ports/verifier.js";
import { imageOf } from "../storage/device.js";
import { fakeFlashModule } from "./moddable/flash.js";
import { FakeNVS } from "./moddable/key-value.js";
import { FakeLoop } from "./moddable/time.js";
import { type Board, ModdableBuild, modulesOf, shippedFlash } from "./moddable-build.js";

const CSV = readFileSync(new URL("../../../hosts/esp32/partitions/4mb.csv", import.meta.url), "utf8");
const PANIC = 4;

class CryptDigest {
  readonly #hash = createHash("sha256");
  write(bytes: Uint8Array): void {
    this.#hash.update(bytes);
  }
  close(): ArrayBuffer {
    return new Uint8Array(this.#hash.digest()).buffer as ArrayBuffer;
  }
}

/** The native part's answers; the watchdog is noted. */
class NativePart {
  readonly calls: string[] = [];
  readonly #retained = new Uint8Array(512);
  resetReason = () => PANIC;
  runningSlot = () => 0;
  watchdogOpen = (timeoutMs: number) => void this.calls.push(`open ${timeoutMs}`);
  watchdogFeed = () => void this.calls.push("feed");
  watchdogClose = () => void this.calls.push("close");
  retainedSize = () => this.#retained.length;
  retainedRead = (offset: number, target: Uint8Array) =>
    void target.set(this.#retained.subarray(offset, offset + target.length));
  retainedWrite = (offset: number, bytes: Uint8Array) => void this.#retained.set(bytes, offset);
  digestOpen = () => new CryptDigest();
  digestWrite = (digest: object, bytes: Uint8Array) => (digest as CryptDigest).write(bytes);
  digestFinish = (digest: object, target: Uint8Array) => void target.set(new Uint8Array((digest as CryptDigest).close()));
  digestClose = () => {};
  verify = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) =>
    verifier.verify({ publicKey, message, signature });
}

/** A board with one image, its flash, and what was seen of it. */
class Device {
  readonly #build: ModdableBuild;
  readonly #shipped = shippedFlash(CSV);
  readonly #nvs = new FakeNVS();
  readonly lines: string[] = [];
  restartCount = 0;
  doneCount = 0;
  host: Host | undefined;
  core: Core | undefined;
  loop = new FakeLoop();

  constructor(build: ModdableBuild) {
    this.#build = build;
    this.program("ota_0", paddedOf(imageOf("1.0.0")));
    this.program("otadata", encodeOtaEntry(1, OtaState.valid));
  }

  program(label: string, bytes: Uint8Array, offset = 0): void {
    const { flash, partitions } = this.#shipped;
    const partition = partitions.find((candidate) => candidate.label === label)!;
    flash.program(partition.offset + offset, bytes);
  }

  /** The journal as it stands. */
  journal(): Journal {
    const storage = fakeFlashModule({ ...this.#shipped, runningSlot: 0 });
    return new Journal({ flash: openFlashStorage({ storage }) });
  }

  /** A start: fresh modules, setup, and the entry where setup lets it come to that. */
  async boot(
    options: { readonly native?: NativeChip; readonly config?: object; readonly WiFi?: unknown } = {},
  ): Promise<Board> {
    this.loop = new FakeLoop();
    this.doneCount = 0;
    const modules = modulesOf({
      ...this.#shipped,
      ...options,
      runningSlot: 0,
      loop: this.loop,
      nvs: this.#nvs,
      Digest: CryptDigest,
      application: (host) => {
        this.host = host;
        this.core = startCore(host);
      },
    });
    const board = await this.#build.load(modules, {
      System: { restart: () => void this.restartCount++ },
      device: undefined,
      trace: (text: string) => void this.lines.push(text.trimEnd()),
    });
    board.setup(() => {
      this.doneCount++;
      board.start();
    });
    return board;
  }
}

function startCore(host: Host): Core {
  const core = new Core({
    host,
    taskCountMax: 4,
    childCountMax: 1,
    channelCountMax: 1,
    watchdogTimeoutMs: 4000,
    watchdogCheckMs: 500,
    restartCountMax: 3,
    restartPeriodMs: 60_000,
  });
  core.start();
  return core;
}

describe("a start on the ESP32", () => {
  const build = new ModdableBuild();
  before(() => build.bundle());
  after(() => build.close());

  it("has BOOT in the journal before the application is called, once", async () => {
    const device = new Device(build);
    await device.boot();
    equal([device.doneCount, device.restartCount, device.core?.boot.bootCount], [1, 0, 1]);
    await device.boot();
    equal([device.core?.boot.bootCount, device.journal().history.bootCount], [2, 2]);
  });

  it("says at the basic level what it cannot promise, and why", async () => {
    const device = new Device(build);
    await device.boot();
    const { level, cannot } = device.core!.status();
    equal(level, "basic");
    equal(
      cannot.map(({ promise }) => promise),
      ["sleep", "random", "resetReason", "watchdog", "retainedMemory", "runningSlot"],
    );
    ok(
      cannot.every(({ because }) => because.length > 20),
      "each with its reason",
    );
    equal(device.core!.boot.runningSlot, 0, "deduced");
    equal([device.core!.boot.decision, device.core!.slots.mayWriteOther], ["run", true]);
  });

  it("takes no update at the basic level where flash leaves the slot in doubt", async () => {
    const device = new Device(build);
    const damaged = imageOf("0.9.0");
    damaged[2000]! ^= 1;
    device.program("ota_1", paddedOf(damaged));
    await device.boot();
    equal([device.core!.boot.runningSlot, device.core!.boot.mode], [undefined, "observe"]);
    equal(device.core!.slots.mayWriteOther, false);
    ok(device.core!.status().cannot.some(({ because }) => because.includes("flash leaves it in doubt")));
  });

  it("keeps every promise of the native part at the full level", async () => {
    const device = new Device(build);
    const native = new NativePart();
    await device.boot({ native: native as unknown as NativeChip });
    const { level, cannot } = device.core!.status();
    equal([level, cannot.map(({ promise }) => promise)], ["full", ["sleep", "random"]]);
    equal([device.core!.boot.resetReason, device.core!.boot.runningSlot], ["panic", 0]);
    device.loop.advance(1200);
    equal(native.calls, ["open 4000", "feed", "feed", "feed"]);
  });

  for (const level of ["basic", "full"]) {
    it(`verifies signatures at the ${level} level`, async () => {
      const device = new Device(build);
      await device.boot(level === "full" ? { native: new NativePart() as unknown as NativeChip } : {});
      equal(device.host!.level, level);
      for (const obligation of verifierObligations) await obligation.check({ verifier: device.host!.verifier });
    });
  }

  it("never evaluates the application where the boot authority decides for a restart", async () => {
    const device = new Device(build);
    const image = imageOf("2.0.0");
    device.program("ota_1", paddedOf(image));
    device.journal().append({ type: RecordType.armed, imageId: hashOf(image), first: 1, second: 1 });
    await device.boot();
    equal([device.doneCount, device.core, device.restartCount], [0, undefined, 1], "the trial was cut short: armed again");
    const { history } = device.journal();
    equal([history.trial?.attemptCount, history.isPlanned], [2, true]);
  });

  it("boots by itself where no setup module ran", async () => {
    const device = new Device(build);
    const board = await device.boot();
    device.core = undefined;
    board.start();
    equal((device.core as Core | undefined)?.boot.bootCount, 2);
  });

  it("joins the network that the build names, without waiting for it", async () => {
    const device = new Device(build);
    const joined: unknown[] = [];
    class WiFi {
      readonly connection = 200;
      connect(options: unknown): void {
        joined.push(options);
      }
      close(): void {}
    }
    await device.boot({ WiFi, config: { ssid: "workshop", password: "correct horse" } });
    equal(joined, [{ SSID: "workshop", password: "correct horse", secure: true }]);
    equal(device.core?.boot.decision, "run", "though there is no connection");
    ok(!device.lines.some((line) => line.includes("horse")), "the password is not shown");
  });
});

function paddedOf(image: Uint8Array): Uint8Array {
  const padded = new Uint8Array(Math.ceil(image.length / 4) * 4).fill(0xff);
  padded.set(image);
  return padded;
}

function hashOf(image: Uint8Array): string {
  return Buffer.from(image.subarray(image.length - 32, image.length - 24)).toString("hex");
}
