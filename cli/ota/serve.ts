/**
 * `holdfast ota serve`: one signed update and its image, offered to whatever device polls, until Ctrl-C.
 *
 * The update is read by the device's own code and the image is held against it before anything is offered: what every device
 * would refuse is refused here first. Signatures are not checked, as no public key is at hand: `holdfast ota verify` does that.
 */
import { DDIServer } from "../../hosts/node/ddi/ddi-server.js";
import type { FeedbackRecord } from "../../hosts/node/ddi/feedback-record.js";
import { FirmwareError } from "../../src/errors.js";
import { parseSign1 } from "../../src/ota/cose-sign1.js";
import { type Deployment, parseDeployment, parseEnvelope, parseRelease, type Release } from "../../src/ota/manifest.js";
import { dim, grouped } from "../terminal.js";
import { readBytes, reading } from "./files.js";
import type { ServeOptions } from "./options.js";
import { hex, sha256 } from "./update-words.js";

const SECOND_MS = 1000;
/** Of what a client sent, what is printed of it. */
const SHOWN_LENGTH_MAX = 300;
/** What could move the cursor or turn the line around. */
const UNPRINTABLE = /\p{C}/gu;

/** Serves until SIGINT or SIGTERM. Gives the exit code. */
export async function serveCommand(updatePath: string, imagePath: string, options: ServeOptions): Promise<number> {
  const update = readBytes(updatePath, "an update, as holdfast ota sign makes it");
  const { release, deployment } = reading(updatePath, () => parseUpdate(update));
  const image = readBytes(imagePath, "the image that the update names");
  demandImage(image, imagePath, release);
  const server = new DDIServer({
    tenant: options.tenant,
    isConfirmationNeeded: options.confirm === true,
    ...(options.poll === undefined ? {} : { pollMs: options.poll * SECOND_MS }),
    ...(options.rate === undefined ? {} : { bytesPerSecond: options.rate }),
    ...(options.requests === undefined ? {} : { requestsPerMinute: options.requests }),
    ...(options.token === undefined ? {} : { targetToken: options.token }),
    ...tlsOf(options),
  });
  const name = `${release.deviceClass}-${release.version}`;
  const artifacts = [
    { filename: `${name}.cose`, bytes: update },
    { filename: `${name}.bin`, bytes: image },
  ];
  server.deploy({ name: release.deviceClass, version: release.version, artifacts });
  printEvents(server);
  // Before anything is printed, so that whoever reads it may end it.
  const stopped = new Promise<void>((resolve) => {
    process.once("SIGINT", resolve);
    process.once("SIGTERM", resolve);
  });
  const port = await server.listen({ port: options.port, host: options.host });
  const scheme = options.tlsKey === undefined ? "http" : "https";
  const host = options.host.includes(":") ? `[${options.host}]` : options.host;
  console.log(`serving on ${scheme}://${host}:${port}/, tenant ${options.tenant}, until Ctrl-C`);
  console.log(termsOf(release, deployment));
  for (const { filename, bytes } of artifacts) console.log(`  ${filename}  ${grouped(bytes.length)} bytes`);
  await stopped;
  await server.close();
  return 0;
}

function parseUpdate(update: Uint8Array): { readonly release: Release; readonly deployment: Deployment } {
  const parts = parseEnvelope(update);
  const release = parseRelease(parseSign1(parts.release).payload);
  const deployment = parseDeployment(parseSign1(parts.deployment).payload);
  if (hex(deployment.releaseDigest) !== sha256(parts.release)) {
    throw new FirmwareError("corrupt", "the deployment names another release; expected the one beside it");
  }
  return { release, deployment };
}

function demandImage(image: Uint8Array, path: string, release: Release): void {
  const [found, expected] = [sha256(image), hex(release.imageDigest)];
  if (image.length === release.imageSizeBytes && found === expected) return;
  throw new FirmwareError(
    "corrupt",
    `${path}: has ${image.length} bytes and the SHA-256 ${found}; ` +
      `expected the image of the update, ${release.imageSizeBytes} bytes and ${expected}`,
  );
}

function tlsOf({ tlsKey, tlsCert }: ServeOptions): { readonly tls?: { readonly key: string; readonly cert: string } } {
  if (tlsKey === undefined || tlsCert === undefined) return {};
  const text = (path: string, what: string): string => Buffer.from(readBytes(path, what)).toString("utf8");
  return { tls: { key: text(tlsKey, "a private key, in PEM"), cert: text(tlsCert, "its certificate, in PEM") } };
}

function termsOf(release: Release, deployment: Deployment): string {
  const whom = deployment.device ?? `every ${release.deviceClass}`;
  const untilMs = deployment.expiresS * SECOND_MS;
  const until = `${new Date(untilMs).toISOString()}${untilMs < Date.now() ? ", which is past: devices refuse it" : ""}`;
  const { sequenceNumber, vendor, deviceClass, version } = release;
  const what = `release ${sequenceNumber}: ${vendor} ${deviceClass} ${version}`;
  return `${what}, deployment ${deployment.sequenceNumber} for ${whom}, until ${until}`;
}

/** One line each, with the time of day in UTC. */
function printEvents(server: DDIServer): void {
  const print = (text: string): void => console.log(`${dim(`${new Date().toISOString().slice(11, 19)}Z`)} ${printable(text)}`);
  server.onFirstPoll = (controllerId) => print(`${controllerId}: first poll`);
  server.onFeedback = (record) => print(`${record.controllerId}: ${feedbackLine(record)}`);
  server.onRefused = ({ method, target, status, message }) => print(`refused ${method} ${target} with ${status}: ${message}`);
}

function feedbackLine({ actionId, kind, execution, finished, details, code, progress }: FeedbackRecord): string {
  const words = [
    `${kind} ${actionId} ${execution}`,
    ...(finished === "none" ? [] : [finished]),
    ...(progress === undefined ? [] : [`${progress.cnt} of ${progress.of}`]),
    ...(code === undefined ? [] : [`code ${code}`]),
    ...details,
  ];
  return words.join(", ");
}

function printable(text: string): string {
  const shown = text.length <= SHOWN_LENGTH_MAX ? text : `${text.slice(0, SHOWN_LENGTH_MAX)}…`;
  return shown.replaceAll(UNPRINTABLE, "?");
}
