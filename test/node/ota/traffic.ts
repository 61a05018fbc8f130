/** What a device of these specs asked its network for, when, and how much came back: bounds are counted at the device's end. */
import type { VirtualTime } from "../../../hosts/node/virtual-time.js";
import type {
  HTTPClientConstructor,
  HTTPClientOptions,
  HTTPRequest,
  HTTPRequestOptions,
} from "../../../src/ports/http-client.js";

/** One request of the device. */
export interface SeenRequest {
  /** Of the life that it was sent in. */
  readonly atMs: number;
  readonly method: string;
  readonly path: string;
  /** As "0-16383"; `undefined` where no range was asked for. */
  readonly range: string | undefined;
  /** By an image that has no verdict yet: of an image it asks for a chunk, as a proof, and keeps nothing of it. */
  readonly isOnTrial: boolean;
  /** Bytes of the answer's body that were read. */
  readBytes: number;
}

/** Whom a connection was made to, with what. */
type Target = Pick<HTTPClientOptions, "host" | "port" | "socket">;

export class Traffic {
  readonly requests: SeenRequest[] = [];
  readonly targets: Target[] = [];
  readonly #isOnTrial: () => boolean;

  /** `isOnTrial`: whether the image that runs at this moment is. */
  constructor(isOnTrial: () => boolean) {
    this.#isOnTrial = isOnTrial;
  }

  /** The class that does what `Client` does, seen. */
  watch(Client: HTTPClientConstructor, time: VirtualTime): HTTPClientConstructor {
    const { requests, targets } = this;
    const isOnTrial = this.#isOnTrial;
    return class extends Client {
      constructor(options: HTTPClientOptions) {
        super(options);
        targets.push(options);
      }

      override request(options: HTTPRequestOptions): HTTPRequest {
        const { method = "GET", path = "/", headers } = options;
        const range = headers?.get("range")?.replace("bytes=", "");
        const seen: SeenRequest = { atMs: time.nowMs, method, path, range, isOnTrial: isOnTrial(), readBytes: 0 };
        requests.push(seen);
        return watchReads(super.request(options), seen);
      }
    };
  }

  /** The requests for one path, in order. */
  to(path: string): SeenRequest[] {
    return this.requests.filter((request) => request.path === path);
  }

  /** Those of a download: not a proof's. */
  downloads(path: string): SeenRequest[] {
    return this.to(path).filter(({ isOnTrial }) => !isOnTrial);
  }

  /** Bytes that a download read of the answers for one path. */
  downloadedBytes(path: string): number {
    return this.downloads(path).reduce((sum, { readBytes }) => sum + readBytes, 0);
  }
}

function watchReads(request: HTTPRequest, seen: SeenRequest): HTTPRequest {
  const read = request.read.bind(request) as (target?: number | Uint8Array) => ArrayBuffer | number | undefined;
  const watched = (target?: number | Uint8Array): ArrayBuffer | number | undefined => {
    const got = read(target);
    seen.readBytes += typeof got === "number" ? got : (got?.byteLength ?? 0);
    return got;
  };
  return Object.assign(request, { read: watched });
}
