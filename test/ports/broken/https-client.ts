/** HTTP clients over TLS with one fault each: what the suite must notice. Each extends a right one. */
import type {
  HTTPClient,
  HTTPClientConstructor,
  HTTPClientOptions,
  HTTPRequest,
  HTTPRequestOptions,
  SecureOptions,
} from "../../../src/ports/http-client.js";
import type { Broken } from "../../harness/port-suite.js";
import { type HTTPSClientSubject, TLS_FLAWS } from "../https-client.js";

type Secured = { readonly secure?: Partial<SecureOptions> };

/** Constructs where there is nobody to trust, as if other roots would do. */
function trusting(Right: HTTPClientConstructor): HTTPClientConstructor {
  return class implements HTTPClient {
    readonly #right: HTTPClient | undefined;

    constructor(options: HTTPClientOptions) {
      const { secure } = options.socket as Secured;
      if (Array.isArray(secure?.roots) && secure.roots.length > 0) this.#right = new Right(options);
    }
    request(options: HTTPRequestOptions): HTTPRequest {
      return this.#right!.request(options);
    }
    close(): void {
      this.#right?.close();
    }
  };
}

/** Changes what it is told of the server before it connects. */
function misled(Right: HTTPClientConstructor, change: (secure: SecureOptions) => SecureOptions): HTTPClientConstructor {
  return class extends Right {
    constructor(options: HTTPClientOptions) {
      const { secure } = options.socket as Required<Secured>;
      super({ ...options, socket: { ...options.socket, secure: change(secure as SecureOptions) } });
    }
  };
}

/** Takes a server that it must refuse: an answer comes where an error should. */
function blind(Right: HTTPClientConstructor): HTTPClientConstructor {
  return class implements HTTPClient {
    readonly #right: HTTPClient;
    readonly #asked: HTTPRequestOptions[] = [];

    constructor(options: HTTPClientOptions) {
      this.#right = new Right({ ...options, onError: () => this.#answer() });
    }
    request(options: HTTPRequestOptions): HTTPRequest {
      this.#asked.push(options);
      return this.#right.request(options);
    }
    close(): void {
      this.#right.close();
    }
    #answer(): void {
      for (const options of this.#asked) {
        options.onHeaders?.call(undefined as unknown as HTTPRequest, 200, new Map(), "OK");
        options.onDone?.call(undefined as unknown as HTTPRequest);
      }
    }
  };
}

/** Tells of its own end. */
function chatty(Right: HTTPClientConstructor): HTTPClientConstructor {
  return class extends Right {
    readonly #onError: HTTPClientOptions["onError"];

    constructor(options: HTTPClientOptions) {
      super(options);
      this.#onError = options.onError;
    }
    override close(): void {
      super.close();
      this.#onError?.(new Error("closed"));
    }
  };
}

/** `open` gives a right one. */
export function brokenHTTPSClients(open: () => HTTPSClientSubject): readonly Broken<HTTPSClientSubject>[] {
  const broken = (must: string, fault: string, breakIt: (Right: HTTPClientConstructor) => HTTPClientConstructor) => ({
    must,
    fault,
    open(): HTTPSClientSubject {
      const subject = open();
      return { ...subject, HTTPClient: breakIt(subject.HTTPClient) };
    },
  });
  const flaws = Object.values(TLS_FLAWS);
  return [
    broken("refuse a construction that says nobody to trust", "falls back on other roots", trusting),
    broken("refuse a name of the server that is none", "takes the host's instead", (Right) =>
      misled(Right, ({ roots }) => ({ roots })),
    ),
    broken("take a server whose chain leads to any of the given roots", "looks at the first root only", (Right) =>
      misled(Right, ({ roots, ...rest }) => ({ ...rest, roots: roots.slice(0, 1) })),
    ),
    broken("check the name that it is given, instead of the host", "checks the host's name", (Right) =>
      misled(Right, ({ roots }) => ({ roots })),
    ),
    ...flaws.map((words) => broken(`refuse a server ${words}`, `takes a server ${words}`, blind)),
    broken("wait for a handshake that stalls until it is closed", "tells of its own end as an error", chatty),
  ];
}
