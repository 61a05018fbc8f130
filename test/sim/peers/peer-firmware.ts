/**
 * The firmware of a peer: what ESP-IDF's examples do to update themselves, on the ports of a simulated device.
 *
 * Diagnostics, then a report, then every two seconds the question for a newer version; a newer one is downloaded whole, written
 * as it comes, verified and selected, and the chip restarts. What goes wrong is given up and begun anew at the next question,
 * which is kinder than the examples: those stop. See docs/design/peers.md.
 */
import { errorCodeOf } from "../../../src/errors.js";
import type { Host } from "../../../src/ports/host.js";
import type { HTTPClient, HTTPRequestOptions } from "../../../src/ports/http-client.js";
import type { Update, UpdateStorage } from "../../../src/ports/update.js";
import { OtadataCalls } from "./otadata-calls.js";
import type { Scheme } from "./scheme.js";

/** panics: throws shortly after its start · hangs: does nothing more · unhealthy: its diagnostics fail. */
export type PeerBehaviour = "healthy" | "panics" | "hangs" | "unhealthy";

/** What the server has: the version as text, and the image. */
export const VERSION_PATH = "/latest";
export const IMAGE_PATH = "/firmware";
/** Asked for by a version that runs. */
export const reportPath = (version: string): string => `/running/${version}`;

const PANIC_MS = 100;
const DIAGNOSTICS_MS = 300;
const POLL_PERIOD_MS = 2000;
/** DEFAULT_OTA_BUF_SIZE of esp_https_ota: what is read, and written, at a time. */
const PIECE_SIZE_BYTES = 1024;
/** CONFIG_ESP_TASK_WDT_TIMEOUT_S. */
const TASK_WATCHDOG_MS = 5000;

export interface PeerOptions {
  readonly version: string;
  readonly behaviour: PeerBehaviour;
  readonly scheme: Scheme;
  /** Whether the task watchdog restarts the chip. By ESP-IDF's default it only logs. */
  readonly watchdog: boolean;
  readonly update: UpdateStorage;
  /** Its diagnostics are over and it goes on. */
  readonly onRunning: () => void;
}

export function startPeer(host: Host, options: PeerOptions): void {
  const { behaviour, watchdog } = options;
  if (behaviour === "hangs") {
    if (watchdog) new host.WatchdogTimer({ timeoutMs: TASK_WATCHDOG_MS });
    return;
  }
  if (behaviour === "panics") {
    after(host, PANIC_MS, () => {
      throw new Error("panic");
    });
    return;
  }
  after(host, DIAGNOSTICS_MS, () => {
    if (!diagnose(host, options)) return;
    options.onRunning();
    new Poller(host, options).start();
  });
}

/** As the documentation's example: what comes of the marks is not looked at. Whether it goes on. */
function diagnose(host: Host, { behaviour, scheme }: PeerOptions): boolean {
  const otadata = new OtadataCalls(host, scheme);
  if (!otadata.isOnTrial()) return true;
  const failed = unlessFailed(() => {
    if (behaviour !== "unhealthy") {
      otadata.markValid();
      return true;
    }
    if (!otadata.markInvalid()) return true;
    host.system.restart();
    return false;
  });
  return failed ?? true;
}

class Poller {
  readonly #host: Host;
  readonly #options: PeerOptions;

  constructor(host: Host, options: PeerOptions) {
    this.#host = host;
    this.#options = options;
  }

  start(): void {
    this.#request({ path: reportPath(this.#options.version), onDone: () => {} });
    this.#later();
  }

  #later(): void {
    after(this.#host, POLL_PERIOD_MS, () => this.#ask());
  }

  #ask(): void {
    let answer = "";
    const wake = (): void => {
      if (this.#isWanted(answer)) this.#download();
      else this.#later();
    };
    this.#request({
      path: VERSION_PATH,
      onReadable() {
        for (const byte of new Uint8Array(this.read() ?? new ArrayBuffer(0))) answer += String.fromCharCode(byte);
      },
      onDone: wake,
    });
  }

  #isWanted(version: string): boolean {
    const { scheme } = this.#options;
    if (version === this.#options.version) return false;
    return !scheme.refusesInvalid || new OtadataCalls(this.#host, scheme).lastInvalidVersion() !== version;
  }

  /** From byte 0, whatever stands in the slot. */
  #download(): void {
    const download = new Download(this.#host, this.#options.update);
    const giveUp = (client: HTTPClient): void => {
      download.close();
      client.close();
      this.#later();
    };
    const client = this.#request({
      path: IMAGE_PATH,
      onReadable() {
        for (;;) {
          const bytes = this.read(PIECE_SIZE_BYTES - download.heldBytes);
          if (bytes === undefined) return;
          if (unlessFailed(() => download.take(new Uint8Array(bytes))) === undefined) {
            giveUp(client);
            return;
          }
        }
      },
      onDone: () => {
        if (unlessFailed(() => download.finish()) === undefined) giveUp(client);
        else this.#host.system.restart();
      },
    });
  }

  #request(options: HTTPRequestOptions): HTTPClient {
    const { io: Client, ...defaults } = this.#host.network.http.client;
    const client = new Client({ ...defaults, host: "updates.example" });
    client.request(options);
    return client;
  }
}

/** esp_https_ota: pieces of 1,024 bytes, each written when it is full; sectors are erased as they are entered. */
class Download {
  readonly #host: Host;
  readonly #storage: UpdateStorage;
  #update: Update | undefined;
  #held = new Uint8Array(0);

  constructor(host: Host, storage: UpdateStorage) {
    this.#host = host;
    this.#storage = storage;
  }

  get heldBytes(): number {
    return this.#held.length;
  }

  /** Gives true. Throws what esp_ota_begin() and esp_ota_write() return. */
  take(bytes: Uint8Array): true {
    this.#update ??= this.#storage.open({ partition: this.#host.flash.open({ path: "nextota" }) });
    this.#held = new Uint8Array(Buffer.concat([this.#held, bytes]));
    if (this.#held.length === PIECE_SIZE_BYTES) this.#flush();
    return true;
  }

  /** esp_ota_end() and esp_ota_set_boot_partition(). */
  finish(): true {
    if (this.#held.length > 0) this.#flush();
    this.#update!.complete();
    return true;
  }

  close(): void {
    this.#update?.close();
  }

  #flush(): void {
    this.#update!.write(this.#held);
    this.#held = new Uint8Array(0);
  }
}

/** `undefined` where the flash failed or the image is none. What else is thrown is the end of the life. */
function unlessFailed<Result>(work: () => Result): Result | undefined {
  try {
    return work();
  } catch (error) {
    const code = errorCodeOf(error);
    if (code === "io" || code === "corrupt" || code === "refused") return undefined;
    throw error;
  }
}

function after(host: Host, delayMs: number, work: () => void): void {
  new host.Timer({ onExpire: work }).arm(delayMs);
}
