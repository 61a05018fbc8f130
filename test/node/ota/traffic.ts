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
  /** Bytes of the answer's body that were read. */
  readBytes: number;
}

/** Whom a connection was made to, with what. */
type Target = Pick<HTTPClientOptions, "host" | "port" | "socket">;

export class Traffic {
  readonly requests: SeenRequest[] = [];
  readonly targets: Target[] = [];

  /** The class that does what `Client` does, seen. */
  watch(Client: HTTPClientConstructor, time: VirtualTime): HTTPClientConstructor {
    const { requests, targets } = this;
    return class extends Client {
      constructor(options: HTTPClientOptions) {
        super(options);
        targets.push(options);
      }

      override request(options: HTTPRequestOptions): HTTPRequest {
        const { method = "GET", path = "/", headers } = options;
        const range = headers?.get("range")?.replace("bytes=", "");
        const seen: SeenRequest = { atMs: time.nowMs, method, path, range, readBytes: 0 };
        requests.push(seen);
        return watchReads(super.request(options), seen);
      }
    };
  }

  /** The requests for one path, in order. */
  to(path: string): SeenRequest[] {
    return this.requests.filter((request) => request.path === path);
  }

  /** Bytes that were read of the answers for one path. */
  readBytes(path: string): number {
    return this.to(path).reduce((sum, { readBytes }) => sum + readBytes, 0);
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
