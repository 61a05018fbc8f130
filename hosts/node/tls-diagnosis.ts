/**
 * Why a TLS connection failed, in words: what was wrong, what was expected.
 *
 * OpenSSL's own are a code and a line of its source; the code finds the sentence, and the certificates show which of them is to
 * blame. What a server says of itself ends in a line of a log, so only its printable characters do. See docs/design/ports.md.
 */
import type { X509Certificate } from "node:crypto";
import type { DetailedPeerCertificate, PeerCertificate } from "node:tls";
import { wordsOf } from "./transport.js";

/** What is known of a connection when it fails. */
export interface Handshake {
  readonly roots: readonly X509Certificate[];
  /** The server's: there once the key exchange is done, before anything is checked. */
  certificate: DetailedPeerCertificate | undefined;
  /** Whether everything was checked and found right. */
  isOver: boolean;
}

const NAME_LENGTH_MAX = 100;

/** What the error of a connection means. */
export function diagnose(error: Error, handshake: Handshake): string {
  const { code, reason } = error as { readonly code?: string; readonly reason?: string };
  switch (code) {
    case "CERT_HAS_EXPIRED":
    case "CERT_NOT_YET_VALID":
      return outOfTime(handshake);
    case "DEPTH_ZERO_SELF_SIGNED_CERT":
    case "SELF_SIGNED_CERT_IN_CHAIN":
    case "UNABLE_TO_GET_ISSUER_CERT":
    case "UNABLE_TO_GET_ISSUER_CERT_LOCALLY":
    case "UNABLE_TO_VERIFY_LEAF_SIGNATURE":
      return untrusted(handshake);
    case "CERT_SIGNATURE_FAILURE":
      return "a certificate of the server's chain is not signed by the one that it names; expected one that is";
    case "INVALID_CA":
    case "INVALID_PURPOSE":
    case "PATH_LENGTH_EXCEEDED":
      return "a certificate of the server's chain is used for what it must not; expected a server's, signed by authorities";
    case "ERR_SSL_UNSUPPORTED_PROTOCOL":
    case "ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION":
      return "the server speaks too old a version of TLS; expected 1.2 or 1.3";
    case "ERR_SSL_WRONG_VERSION_NUMBER":
    case "ERR_SSL_PACKET_LENGTH_TOO_LONG":
    case "ERR_SSL_HTTP_REQUEST":
      return "what the server says is no TLS, it may be plain HTTP; expected a port with TLS";
    case "ECONNRESET":
    case "EPIPE":
      return handshake.isOver ? wordsOf(error) : "the connection ended within the TLS handshake; expected it to be completed";
    default:
      return code?.startsWith("ERR_SSL_") ? `TLS failed: ${reason ?? ""} (${code})` : wordsOf(error);
  }
}

/** Which of them, and by which clock. */
function outOfTime({ certificate }: Handshake): string {
  const nowMs = Date.now();
  const expected = `expected one that is valid at ${dateOf(nowMs)}, which is what the computer's clock says`;
  for (const { subject, valid_from, valid_to } of chainOf(certificate)) {
    const fromMs = Date.parse(valid_from);
    const toMs = Date.parse(valid_to);
    if (nowMs > toMs) return `the certificate of "${commonNameOf(subject)}" ended at ${dateOf(toMs)}; ${expected}`;
    if (nowMs < fromMs) return `the certificate of "${commonNameOf(subject)}" begins at ${dateOf(fromMs)}; ${expected}`;
  }
  return `a certificate of the server's chain has ended or not begun; ${expected}`;
}

/** Where the chain breaks off, and where it should have led. */
function untrusted({ roots, certificate }: Handshake): string {
  const names = roots.map((root) => `"${commonNameOf(root.toLegacyObject().subject)}"`);
  const expected = `expected a chain to one of ${names.join(", ")}`;
  const chain = chainOf(certificate);
  const last = chain.at(-1);
  if (last === undefined) return `the server's certificate leads to no given root; ${expected}`;
  const name = commonNameOf(last.subject);
  const isSelfSigned = last.issuerCertificate !== undefined;
  if (isSelfSigned && chain.length === 1)
    return `the server's certificate, of "${name}", is signed by itself and is no given root; ${expected}`;
  if (isSelfSigned) return `the server's chain ends at "${name}", which is no given root; ${expected}`;
  const issuer = commonNameOf(last.issuer);
  return `the server's chain breaks off at "${name}", whose issuer "${issuer}" is neither sent nor a given root; ${expected}`;
}

/** From the server's upwards, as far as it is known; the last one of a whole chain is its own issuer. */
function chainOf(certificate: DetailedPeerCertificate | undefined): readonly DetailedPeerCertificate[] {
  const chain: DetailedPeerCertificate[] = [];
  for (let next = certificate; next?.subject !== undefined && !chain.includes(next); next = next.issuerCertificate)
    chain.push(next);
  return chain;
}

function commonNameOf({ CN }: PeerCertificate["subject"]): string {
  return printable(CN === undefined ? "(no name)" : String(CN));
}

/** A text from outside, fit for a line. */
export function printable(text: string): string {
  const clean = text.replaceAll(/[^\x20-\x7e]/g, "?");
  return clean.length > NAME_LENGTH_MAX ? `${clean.slice(0, NAME_LENGTH_MAX)}…` : clean;
}

function dateOf(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 19).concat("Z");
}
