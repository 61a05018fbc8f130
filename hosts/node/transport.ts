/**
 * What an HTTP connection runs over: TCP in the clear here, TLS in tls-transport.ts.
 *
 * The HTTP client knows neither. It gets a connection that is on its way, hears when the server may be sent something, and asks
 * what an error means. So nothing of a request leaves before the transport says that it has the right server. See
 * docs/design/ports.md.
 */
import { connect, type Socket } from "node:net";
import { messageOf } from "../../src/errors.js";
import { invalid } from "./http-request-plan.js";

export interface TransportOptions {
  readonly host: string;
  readonly port: number;
  /** As given to the client. */
  readonly socket: object;
}

/** A connection on its way. */
export interface Connection {
  readonly socket: Socket;
  /** The event of the socket that says that the server may be sent something. */
  readonly readyEvent: "connect" | "secureConnect";
  /** What an error of this connection means, in plain words. */
  explain(error: Error): string;
}

/** All connections of one client go to one server, over one of these. */
export interface Transport {
  readonly host: string;
  readonly port: number;
  /** The port that a Host header does not name. */
  readonly schemePort: number;
  /** Whether the end of a connection may be anybody's doing, so that it cannot be the end of a body. */
  readonly isEndForgeable: boolean;
  open(): Connection;
}

/** Throws `invalid` for options that are not usable, before any effect. */
export type TransportConstructor = new (options: TransportOptions) => Transport;

/** TCP in the clear. */
export class TCPTransport implements Transport {
  readonly host: string;
  readonly port: number;
  readonly schemePort = 80;
  /** It is, but here so are the body's bytes. */
  readonly isEndForgeable = false;

  constructor({ host, port, socket }: TransportOptions) {
    // Whoever gives roots believes that they are asked.
    if ("secure" in socket && socket.secure !== undefined) invalid("socket.secure is for the client of network.https");
    this.host = host;
    this.port = port;
  }

  open(): Connection {
    return { socket: connect({ host: this.host, port: this.port }), readyEvent: "connect", explain: wordsOf };
  }
}

/** The message of an error; of one that stands for several, all of theirs. */
export function wordsOf(error: Error): string {
  return error instanceof AggregateError ? error.errors.map(messageOf).join("; ") : messageOf(error);
}
