/**
 * X.509 certificates for the TLS specs, right ones and wrong ones of every kind: written as DER here, signed by node:crypto.
 *
 * Made anew in each run, so that none expires with the project and no private key lies in it. Not by a library or the openssl
 * command, which a newcomer may not have, and which refuse to make some of the wrong ones. RFC 5280; keys are on P-256.
 */
import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { isIP } from "node:net";

/** A certificate and what its owner signs with. */
export interface Identity {
  /** The common name of the subject. */
  readonly name: string;
  /** In PEM. */
  readonly certificate: string;
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

export interface CertificateOptions {
  /** The common name of the subject. */
  readonly name: string;
  /** Default: signed by itself. */
  readonly issuer?: Identity | undefined;
  /** Default: a new pair. */
  readonly keys?: Pick<Identity, "publicKey" | "privateKey">;
  /** DNS names and addresses of the subjectAltName. Default: the certificate has none. */
  readonly hosts?: readonly string[];
  /** Whether it may sign others. Default false. */
  readonly isAuthority?: boolean;
  /** YYYYMMDDhhmmssZ. Default: from 2020 to 2099, so that no spec depends on the day. */
  readonly notBefore?: string;
  readonly notAfter?: string;
  /** What it is for. Default: not said. */
  readonly usage?: "server" | "client";
}

const OBJECT_IDS = Object.freeze({
  commonName: "550403",
  ecdsaWithSHA256: "2a8648ce3d040302",
  subjectAltName: "551d11",
  basicConstraints: "551d13",
  extendedKeyUsage: "551d25",
  server: "2b06010505070301",
  client: "2b06010505070302",
});

/** Tags of DER, and of the context in which [0] and [3] stand in a certificate. */
const TAG = Object.freeze({ sequence: 0x30, set: 0x31, version: 0xa0, extensions: 0xa3, dnsName: 0x82, address: 0x87 });

/** One element: tag, length, contents. */
function der(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(contents);
  const { length } = body;
  const head = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...head]), body]);
}

function sequence(...contents: readonly Uint8Array[]): Buffer {
  return der(TAG.sequence, ...contents);
}

function objectId(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, "hex"));
}

/** Times from 2050 on are GeneralizedTime, earlier ones UTCTime, which has two digits of the year. */
function time(text: string): Buffer {
  return text >= "2050" ? der(0x18, Buffer.from(text)) : der(0x17, Buffer.from(text.slice(2)));
}

function nameOf(commonName: string): Buffer {
  return sequence(der(TAG.set, sequence(objectId(OBJECT_IDS.commonName), der(0x0c, Buffer.from(commonName, "utf8")))));
}

function extension(id: string, value: Uint8Array): Buffer {
  return sequence(objectId(id), der(0x01, Buffer.of(0xff)), der(0x04, value)); // All critical: none may be overlooked.
}

function hostName(host: string): Buffer {
  if (isIP(host) === 4) return der(TAG.address, Buffer.from(host.split(".").map(Number)));
  if (isIP(host) === 6) return der(TAG.address, Buffer.from(`${"0".repeat(31)}1`, "hex")); // ::1 is the only one in use.
  return der(TAG.dnsName, Buffer.from(host, "latin1"));
}

function extensionsOf({ hosts, isAuthority = false, usage }: CertificateOptions): Buffer[] {
  const extensions = [extension(OBJECT_IDS.basicConstraints, isAuthority ? sequence(der(0x01, Buffer.of(0xff))) : sequence())];
  if (hosts) extensions.push(extension(OBJECT_IDS.subjectAltName, sequence(...hosts.map(hostName))));
  if (usage) extensions.push(extension(OBJECT_IDS.extendedKeyUsage, sequence(objectId(OBJECT_IDS[usage]))));
  return extensions;
}

/** Makes one. Nothing is checked: an issuer need not be one, and the times may be the wrong way round. */
export function makeCertificate(options: CertificateOptions): Identity {
  const { name, issuer, notBefore = "20200101000000Z", notAfter = "20991231235959Z" } = options;
  const { publicKey, privateKey } = options.keys ?? generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const serial = randomBytes(16);
  serial[0] = 0x40 | (serial[0]! & 0x3f); // Positive, and no byte too many.
  const algorithm = sequence(objectId(OBJECT_IDS.ecdsaWithSHA256));
  const body = sequence(
    der(TAG.version, der(0x02, Buffer.of(2))), // v3
    der(0x02, serial),
    algorithm,
    nameOf(issuer?.name ?? name),
    sequence(time(notBefore), time(notAfter)),
    nameOf(name),
    publicKey.export({ type: "spki", format: "der" }),
    der(TAG.extensions, sequence(...extensionsOf(options))),
  );
  const signature = sign("sha256", body, issuer?.privateKey ?? privateKey);
  return { name, publicKey, privateKey, certificate: pem(sequence(body, algorithm, der(0x03, Buffer.of(0), signature))) };
}

function pem(certificate: Buffer): string {
  const lines = certificate.toString("base64").match(/.{1,64}/g) ?? [];
  return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
}
