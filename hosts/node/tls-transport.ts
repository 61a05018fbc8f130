/**
 * TLS beneath an HTTP client: only the given roots are trusted, and nothing is sent before the server has proved its name.
 *
 * node:tls does the protocol and OpenSSL the chain; what is fixed here is what a caller cannot loosen: the computer's own
 * roots are never asked, TLS 1.2 is the least, the name must stand in the subjectAltName (RFC 9525; a common name is no proof),
 * and no option or variable of the environment turns a check off. No session is resumed, so each connection is checked in full.
 * Certificates are valid or not by the computer's clock. See docs/design/ports.md.
 */
import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { connect, createSecureContext, type PeerCertificate, type SecureContext } from "node:tls";
import { messageOf } from "../../src/errors.js";
import type { SecureOptions } from "../../src/ports/http-client.js";
import { invalid } from "./http-request-plan.js";
import { diagnose, type Handshake, printable } from "./tls-diagnosis.js";
import type { Connection, Transport, TransportOptions } from "./transport.js";

const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;
/** Labels of DNS as they go over the wire, so that none begins with a dot, which OpenSSL takes for all names beneath it. */
const DNS_NAME = /^(?=.{1,253}$)[\w-]{1,63}(\.[\w-]{1,63})*$/;

export class TLSTransport implements Transport {
  readonly host: string;
  readonly port: number;
  readonly schemePort = 443;
  /** Whoever is on the link can end the connection; Node does not tell whether it was the server that said the end. */
  readonly isEndForgeable = true;
  /** What the certificate must bear: a name or an address. */
  readonly #name: string;
  readonly #roots: readonly X509Certificate[];
  readonly #context: SecureContext;

  constructor({ host, port, socket }: TransportOptions) {
    const { roots, serverName = host } = secureOptionsOf(socket);
    this.host = host;
    this.port = port;
    this.#name = demandServerName(serverName);
    this.#roots = parseRoots(roots);
    this.#context = createSecureContext({ ca: this.#roots.map(String), minVersion: "TLSv1.2" });
  }

  open(): Connection {
    const name = this.#name;
    const socket = connect({
      host: this.host,
      port: this.port,
      secureContext: this.#context,
      rejectUnauthorized: true, // Said, because the environment may say otherwise.
      ...(isIP(name) === 0 ? { servername: name } : {}), // No server is chosen by an address (RFC 6066, 3).
      checkServerIdentity: (_host, certificate) => nameError(name, certificate),
    });
    const handshake: Handshake = { roots: this.#roots, certificate: undefined, isOver: false };
    // The socket forgets the certificate as soon as it refuses it. Without this event only the words would be poorer.
    socket.prependOnceListener("secure", () => {
      handshake.certificate = socket.getPeerCertificate(true);
    });
    socket.once("secureConnect", () => {
      handshake.isOver = true;
    });
    return { socket, readyEvent: "secureConnect", explain: (error) => diagnose(error, handshake) };
  }
}

function secureOptionsOf(socket: object): SecureOptions {
  const { secure } = socket as { readonly secure?: unknown };
  if (typeof secure === "object" && secure !== null) return secure as SecureOptions;
  invalid("socket.secure is missing; expected an object with the roots to be trusted");
}

function demandServerName(name: unknown): string {
  if (typeof name === "string" && (isIP(name) !== 0 || DNS_NAME.test(name))) return name;
  invalid(`the server's name is ${JSON.stringify(name)}; expected one as in DNS, without a dot at its ends, or an address`);
}

/** The certificates of all texts. */
function parseRoots(roots: unknown): readonly X509Certificate[] {
  if (!Array.isArray(roots) || roots.length === 0) {
    invalid("socket.secure.roots names nobody to trust; expected one certificate in PEM or more");
  }
  return roots.flatMap((text: unknown, index) => {
    const blocks = typeof text === "string" ? (text.match(PEM_CERTIFICATE) ?? []) : [];
    if (blocks.length === 0) invalid(`root ${index} holds no certificate; expected one in PEM`);
    if (String(text).replaceAll(PEM_CERTIFICATE, "").includes("-----")) {
      invalid(`root ${index} holds more than whole certificates; expected nothing else in PEM`);
    }
    return blocks.map((block) => parseRoot(block, index));
  });
}

function parseRoot(block: string, index: number): X509Certificate {
  try {
    return new X509Certificate(block);
  } catch (error) {
    invalid(`root ${index} is no certificate (${messageOf(error)}); expected one in PEM`);
  }
}

/** Nothing where the certificate is the name's. */
function nameError(name: string, { raw }: PeerCertificate): Error | undefined {
  const certificate = new X509Certificate(raw);
  const borne =
    isIP(name) === 0 ? certificate.checkHost(name, { subject: "never", partialWildcards: false }) : certificate.checkIP(name);
  if (borne !== undefined) return undefined;
  const names = certificate.subjectAltName;
  const found = names === undefined ? "no name, as it has no subjectAltName" : printable(names);
  return new Error(`the server's certificate is for ${found}; expected ${name}`);
}
