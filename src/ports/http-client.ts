/** HTTP/1.1 requests to one host, as ECMA-419 (20 HTTP Client Class Pattern) defines them. */

/** Also the `this` of the callbacks. */
export interface HTTPRequest {
  /** Body bytes that have arrived: an ArrayBuffer of at most `byteLength`; `undefined` where none are there. */
  read(byteLength?: number): ArrayBuffer | undefined;
  /** Fills `buffer` with what has arrived and gives the count; `undefined` where nothing is there. */
  read(buffer: Uint8Array): number | undefined;
  /** Request body; without an argument ends a chunked one. Gives the bytes that may still be written. */
  write(buffer?: Uint8Array | ArrayBuffer): number;
}

export interface HTTPRequestOptions {
  /** Default "GET". */
  readonly method?: string;
  /** Default "/". */
  readonly path?: string;
  readonly headers?: ReadonlyMap<string, string>;
  /** Lower-case names of the response headers that are wanted; all without it. */
  readonly headersMask?: readonly string[];
  readonly onHeaders?: (this: HTTPRequest, status: number, headers: Map<string, string>, statusText: string) => void;
  /** `count` bytes wait to be read. What is not read waits, and holds the sender back. */
  readonly onReadable?: (this: HTTPRequest, count: number) => void;
  readonly onWritable?: (this: HTTPRequest, count: number) => void;
  /** The response has been delivered in full and read in full. */
  readonly onDone?: (this: HTTPRequest) => void;
}

export interface HTTPClient {
  /** Queues a request; requests of one client run one after another. */
  request(options: HTTPRequestOptions): HTTPRequest;
  /** Cancels all requests. Nothing is called back after it. */
  close(): void;
}

/** What a TLS socket is told, as `socket.secure` of a client that `network.https` offers. */
export interface SecureOptions {
  /** The only roots that are trusted: certificates in PEM, one or more. */
  readonly roots: readonly string[];
  /** The name that the server's certificate must bear. Default: the client's `host`. */
  readonly serverName?: string;
}

export interface HTTPClientOptions {
  readonly host: string;
  /** Default 80. */
  readonly port?: number;
  /** Options of the TCP class underneath; on the device `{ io: TCP }`. Of a TLS class: with `secure`. */
  readonly socket: object;
  readonly dns: object;
  /**
   * The connection ended, or the body was shorter than announced: final, every outstanding request is lost. Our hosts pass an
   * Error that says why; the standard promises no argument.
   */
  readonly onError?: (this: HTTPClient, error?: Error) => void;
}

export type HTTPClientConstructor = new (options: HTTPClientOptions) => HTTPClient;

/** `device.network.http.client` of the host provider: the class and what to spread into its options. */
export type HTTPClientDefault = { readonly io: HTTPClientConstructor } & Pick<HTTPClientOptions, "socket" | "dns">;
