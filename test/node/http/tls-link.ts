/**
 * TLS between a scripted server and its clients: done right, or with one flaw and right in all else.
 *
 * The authorities are made for each world and gone with it: a root, one that it signed, and a stranger. Clients are given the
 * root and one more that signs nothing, so that to trust any of several is the common case.
 */
import type { KeyObject } from "node:crypto";
import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import { createSecureContext, type SecureContextOptions, TLSSocket } from "node:tls";
import { SERVER_NAME, type TLSFlaw } from "../../ports/https-client.js";
import { type CertificateOptions, type Identity, makeCertificate } from "./certificates.js";
import type { Link } from "./loopback.js";

/** Bytes of the server's first flight that get through to a client whose handshake is cut or stalls. */
const CUT_AFTER_BYTES = 200;

export class TLSWorld {
  readonly root = makeCertificate({ name: "Fleet Root", isAuthority: true });
  readonly authority = makeCertificate({ name: "Fleet Authority", isAuthority: true, issuer: this.root });
  readonly stranger = makeCertificate({ name: "Stranger Root", isAuthority: true });
  readonly #spare = makeCertificate({ name: "Spare Root", isAuthority: true });

  /** What a client does right: `socket` of its options. */
  get clientSocket(): { readonly secure: { readonly roots: readonly string[] } } {
    return Object.freeze({ secure: Object.freeze({ roots: Object.freeze([this.#spare.certificate, this.root.certificate]) }) });
  }

  /** A server's certificate, signed by the authority and for its address and its name unless told otherwise. */
  serverCertificate(options: Partial<CertificateOptions> = {}): Identity {
    return makeCertificate({ name: "Update Server", issuer: this.authority, hosts: ["127.0.0.1", SERVER_NAME], ...options });
  }

  /** A link whose server shows these certificates, its own first. */
  linkOf(chain: readonly Identity[], options: SecureContextOptions = {}): Link {
    return { clientSocket: this.clientSocket, accept: (raw) => secured(raw, chain, options) };
  }

  /** Done right. */
  link(): Link {
    return this.linkOf([this.serverCertificate(), this.authority]);
  }

  flawed(flaw: TLSFlaw): Link {
    const { root, authority, stranger } = this;
    const chain = [this.serverCertificate(), authority];
    switch (flaw) {
      case "unknownRoot":
        return this.linkOf([this.serverCertificate({ issuer: stranger }), stranger]);
      case "strangersName":
        return this.linkOf([this.serverCertificate({ issuer: makeCertificate({ name: root.name, isAuthority: true }) })]);
      case "selfSigned":
        return this.linkOf([makeCertificate({ name: "Update Server", hosts: ["127.0.0.1"] })]);
      case "noChain":
        return this.linkOf([this.serverCertificate()]);
      case "noAuthority":
        return this.#signedBy({ name: "Device 1", issuer: root });
      case "clientsOnly":
        return this.linkOf([this.serverCertificate({ usage: "client" }), authority]);
      case "expired":
        return this.linkOf([this.serverCertificate({ notAfter: "20210101000000Z" }), authority]);
      case "expiredChain":
        return this.#signedBy({ name: "Old Authority", issuer: root, isAuthority: true, notAfter: "20210101000000Z" });
      case "notYetValid":
        return this.linkOf([this.serverCertificate({ notBefore: "20900101000000Z" }), authority]);
      case "wrongName":
        return this.linkOf([this.serverCertificate({ hosts: ["elsewhere.device.example", "127.0.0.2"] }), authority]);
      case "commonName":
        return {
          ...this.linkOf([makeCertificate({ name: SERVER_NAME, issuer: authority }), authority]),
          clientSocket: { secure: { ...this.clientSocket.secure, serverName: SERVER_NAME } },
        };
      case "oldVersion":
        return this.linkOf(chain, { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" });
      case "plain":
        return { clientSocket: this.clientSocket, accept: answeredInTheClear };
      case "cut":
        return this.#narrowed(chain, (raw) => raw.end());
      case "stalled":
        return this.#narrowed(chain, () => {});
    }
  }

  #signedBy(options: CertificateOptions): Link {
    const issuer = makeCertificate(options);
    return this.linkOf([this.serverCertificate({ issuer }), issuer]);
  }

  #narrowed(chain: readonly Identity[], onFull: (raw: Socket) => void): Link {
    return { clientSocket: this.clientSocket, accept: (raw) => secured(new Bottleneck(raw, onFull), chain) };
  }
}

function secured(below: Duplex, chain: readonly Identity[], options: SecureContextOptions = {}): Socket {
  const key = pemOf(chain[0]!.privateKey);
  const cert = chain.map(({ certificate }) => certificate).join("");
  const secureContext = createSecureContext({ key, cert, ...options });
  return new TLSSocket(below as Socket, { isServer: true, secureContext });
}

function pemOf(key: KeyObject): string {
  return key.export({ type: "pkcs8", format: "pem" }) as string;
}

/** As a web server answers what is no request. */
function answeredInTheClear(raw: Socket): Socket {
  raw.once("data", () => raw.end("HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n"));
  return raw;
}

/** Lets all through to the server, and only so much back. */
class Bottleneck extends Duplex {
  readonly #raw: Socket;
  readonly #onFull: (raw: Socket) => void;
  #leftBytes = CUT_AFTER_BYTES;

  constructor(raw: Socket, onFull: (raw: Socket) => void) {
    super();
    this.#raw = raw;
    this.#onFull = onFull;
    raw.on("data", (chunk) => this.push(chunk));
    raw.on("close", () => this.destroy());
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error) => void): void {
    const hadRoom = this.#leftBytes > 0;
    this.#raw.write(chunk.subarray(0, this.#leftBytes));
    this.#leftBytes = Math.max(0, this.#leftBytes - chunk.length);
    if (hadRoom && this.#leftBytes === 0) this.#onFull(this.#raw);
    callback();
  }
}
