/**
 * A small honest HTTP server for updates: one offer a device class, the images it names, and a count of the bytes it sent.
 *
 * It does what any web server would do with static files; a rate can be given, because a download over loopback is over before
 * one can look at it. Faults of servers are the business of specs, not of this one.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

const SLICE_SIZE_BYTES = 4096;

/** One image to be offered. */
export interface ServedImage {
  readonly deviceClass: string;
  readonly version: string;
  readonly image: Uint8Array;
  /** The image's appended SHA-256, 64 hexadecimal digits. */
  readonly sha256: string;
}

export class UpdateServer {
  readonly #server: Server;
  readonly #images = new Map<string, ServedImage>();
  readonly #offers = new Map<string, ServedImage>();
  readonly #bytesPerSecond: number;
  #sentBytes = 0;
  #onSent: ((sentBytes: number) => void) | undefined;

  /** `bytesPerSecond`: how fast image bodies are sent; as fast as the link takes them without it. */
  constructor(options: { readonly bytesPerSecond?: number } = {}) {
    this.#bytesPerSecond = options.bytesPerSecond ?? Number.POSITIVE_INFINITY;
    this.#server = createServer((request, response) => this.#serve(request, response));
  }

  /** Listens on 127.0.0.1, on a free port that it gives. */
  async listen(port = 0): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(port, "127.0.0.1", resolve);
    });
    return (this.#server.address() as AddressInfo).port;
  }

  /** From now on devices of the class are offered this image. */
  offer(image: ServedImage): void {
    this.#images.set(pathOf(image), image);
    this.#offers.set(image.deviceClass, image);
  }

  /** Bytes of image bodies handed to the network since the server started. */
  get sentBytes(): number {
    return this.#sentBytes;
  }

  /** Called with each slice that goes out. */
  set onSent(callback: ((sentBytes: number) => void) | undefined) {
    this.#onSent = callback;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const path = request.url ?? "/";
    const offered = path.startsWith("/offers/") ? this.#offers.get(path.slice("/offers/".length)) : undefined;
    const image = this.#images.get(path);
    if (request.method !== "GET" || (!offered && !image)) {
      response.writeHead(404, { connection: "close" }).end();
    } else if (offered) {
      const text = JSON.stringify(offerOf(offered));
      response.writeHead(200, {
        "content-type": "application/json",
        "content-length": Buffer.byteLength(text),
        connection: "close",
      });
      response.end(text);
    } else if (image) {
      response.writeHead(200, {
        "content-type": "application/octet-stream",
        "content-length": image.image.length,
        etag: `"${image.sha256}"`,
        connection: "close",
      });
      this.#send(response, image.image, 0);
    }
  }

  #send(response: ServerResponse, image: Uint8Array, offset: number): void {
    if (response.destroyed) return;
    if (offset >= image.length) {
      response.end();
      return;
    }
    const slice = image.subarray(offset, offset + SLICE_SIZE_BYTES);
    this.#sentBytes += slice.length;
    this.#onSent?.(this.#sentBytes);
    const next = (): void => this.#send(response, image, offset + slice.length);
    const delayMs = (1000 * slice.length) / this.#bytesPerSecond;
    response.write(slice, () => (delayMs > 0 ? setTimeout(next, delayMs) : next()));
  }
}

function pathOf(image: ServedImage): string {
  return `/images/${image.deviceClass}/${image.version}.bin`;
}

function offerOf(image: ServedImage): object {
  return {
    format: 1,
    class: image.deviceClass,
    version: image.version,
    sizeBytes: image.image.length,
    sha256: image.sha256,
    path: pathOf(image),
  };
}
