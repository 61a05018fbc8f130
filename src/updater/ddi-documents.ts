/**
 * What a server says in hawkBit's Direct Device Integration API, read without trusting a word of it.
 *
 * The protocol only carries: which image may run is signed (ota/update-judge.ts). So the reader takes what it needs, passes
 * over what it does not know, and refuses what would lead it somewhere else. Fields and their source: docs/spec/ddi.md.
 */
import { isFigures } from "../data/figures.js";
import { listOf, memberOf, parseJSON, textOf } from "../data/json.js";
import { isPrintableText } from "../data/printable.js";
import { FirmwareError } from "../errors.js";
import type { ServerAddress } from "./connection.js";

/** Bytes of one JSON document. */
export const DOCUMENT_SIZE_MAX = 8192;
/** The end of the name of the artifact that is the signed update. */
export const MANIFEST_SUFFIX = ".cose";
const PATH_LENGTH_MAX = 512;
const NAME_LENGTH_MAX = 128;
const SEGMENT_LENGTH_MAX = 64;
const ARTIFACT_COUNT_MAX = 16;
const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
/** Every member that is asked for below. */
const NAMES: readonly string[] = Object.freeze(
  (
    "_links href config polling sleep configData cancelAction deploymentBase confirmationBase id deployment confirmation " +
    "download update maintenanceWindow chunks version artifacts filename size download-http stopId"
  ).split(" "),
);

/** The answer to a poll: paths on the same server; `undefined` where there is nothing of that kind. */
export interface PollDocument {
  /** How long the server wants the device to sleep until the next poll. */
  readonly sleepMs: number | undefined;
  readonly configDataPath: string | undefined;
  readonly cancelPath: string | undefined;
  readonly deploymentPath: string | undefined;
  readonly confirmationPath: string | undefined;
}

export interface Artifact {
  readonly filename: string;
  readonly sizeBytes: number;
  readonly path: string;
}

/** One action that the server wants. */
export interface Action {
  readonly id: string;
  /** Of the first software module; for people. */
  readonly version: string;
  readonly artifacts: readonly Artifact[];
  /** Now, and not only when a maintenance window opens or somebody allows it. */
  readonly isWanted: boolean;
}

/** Reads the answer to a poll. Throws `corrupt`, `refused` for a link to another server. */
export function parsePoll(text: string, server: ServerAddress): PollDocument {
  const document = parseJSON(text, "poll", NAMES);
  const links = memberOf(document, "_links");
  if (links === undefined && memberOf(document, "config") === undefined) {
    throw new FirmwareError("corrupt", "poll: expected a config or links"); // A captive portal's JSON is no answer.
  }
  const pathOf = (name: string): string | undefined => {
    const href = textOf(memberOf(links, name), "href");
    return href === undefined ? undefined : pathOnServer(href, server);
  };
  const sleep = textOf(memberOf(memberOf(document, "config"), "polling"), "sleep");
  return {
    sleepMs: sleep === undefined ? undefined : parseSleep(sleep),
    configDataPath: pathOf("configData"),
    cancelPath: pathOf("cancelAction"),
    deploymentPath: pathOf("deploymentBase"),
    confirmationPath: pathOf("confirmationBase"),
  };
}

/** Reads a deploymentBase, or a confirmationBase, which differ in one name. Throws as parsePoll. */
export function parseAction(text: string, server: ServerAddress): Action {
  const document = parseJSON(text, "deployment", NAMES);
  const id = idAt(document, "id");
  const body = memberOf(document, "deployment") ?? memberOf(document, "confirmation");
  if (id === undefined || body === undefined) throw new FirmwareError("corrupt", "deployment: expected an id and a deployment");
  const artifacts: Artifact[] = [];
  const chunks = listOf(body, "chunks");
  for (const chunk of chunks) {
    for (const artifact of listOf(chunk, "artifacts")) {
      if (artifacts.length === ARTIFACT_COUNT_MAX) {
        throw new FirmwareError("corrupt", `deployment: expected at most ${ARTIFACT_COUNT_MAX} artifacts`);
      }
      artifacts.push(parseArtifact(artifact, server));
    }
  }
  const isWanted =
    isForced(body, "download") && isForced(body, "update") && memberOf(body, "maintenanceWindow") !== "unavailable";
  return { id, version: nameAt(chunks[0], "version") ?? "?", artifacts, isWanted };
}

/** The action that a cancelAction wants stopped, and the action by which it wants that. Throws `corrupt`. */
export function parseCancel(text: string): { readonly id: string; readonly stopId: string } {
  const document = parseJSON(text, "cancel", NAMES);
  const stopId = idAt(memberOf(document, "cancelAction"), "stopId");
  const id = idAt(document, "id") ?? stopId;
  if (id === undefined || stopId === undefined) throw new FirmwareError("corrupt", "cancel: expected an id and a stopId");
  return { id, stopId };
}

function parseArtifact(artifact: unknown, server: ServerAddress): Artifact {
  const filename = nameAt(artifact, "filename");
  const sizeBytes = memberOf(artifact, "size");
  const links = memberOf(artifact, "_links");
  const [first, second] = server.tls ? ["download", "download-http"] : ["download-http", "download"];
  const href = textOf(memberOf(links, first!), "href") ?? textOf(memberOf(links, second!), "href");
  const isSize = typeof sizeBytes === "number" && Number.isInteger(sizeBytes) && sizeBytes >= 0;
  if (filename === undefined || !isSize || href === undefined) {
    throw new FirmwareError("corrupt", "deployment: an artifact without name, size or link; expected all three");
  }
  return { filename, sizeBytes, path: pathOnServer(href, server) };
}

/** "forced" and "attempt" mean now for a device that asks nobody; hawkBit's third word is "skip". */
function isForced(body: unknown, name: string): boolean {
  return memberOf(body, name) !== "skip";
}

/** The name of an action: part of the paths of its reports. */
function idAt(value: unknown, name: string): string | undefined {
  const text = nameAt(value, name);
  return text !== undefined && isPathSegment(text) ? text : undefined;
}

/** A text that may stand in a log. */
function nameAt(value: unknown, name: string): string | undefined {
  const member = memberOf(value, name);
  const text = typeof member === "number" ? String(member) : member;
  if (typeof text !== "string" || text.length === 0 || text.length > NAME_LENGTH_MAX) return undefined;
  return isPrintableText(text) ? text : undefined;
}

/** The path of a link, which is absolute or begins with "/". Throws `refused` where it leads to another server. */
function pathOnServer(href: string, server: ServerAddress): string {
  if (href.length > PATH_LENGTH_MAX || !isPrintableText(href) || href.indexOf(" ") >= 0) {
    throw new FirmwareError("corrupt", `link: expected at most ${PATH_LENGTH_MAX} printable characters without blanks`);
  }
  if (href[0] === "/" && href[1] !== "/") return href;
  const scheme = server.tls ? "https://" : "http://";
  const authorityEnd = href.indexOf("/", scheme.length);
  const authority = href.substring(scheme.length, authorityEnd).toLowerCase();
  const host = server.host.toLowerCase();
  const isDefaultPort = server.port === (server.tls ? 443 : 80);
  const isHere = authority === `${host}:${server.port}` || (isDefaultPort && authority === host);
  if (!href.startsWith(scheme) || authorityEnd < 0 || !isHere) {
    throw new FirmwareError("refused", `link: leads to ${href}, expected ${scheme}${host}:${server.port}`);
  }
  return href.substring(authorityEnd);
}

/** "HH:MM:SS"; `undefined` for another form. */
function parseSleep(text: string): number | undefined {
  const parts = text.split(":");
  if (parts.length !== 3 || !parts.every(isFigures)) return undefined;
  const [hours, minutes, seconds] = parts.map(Number);
  const sleepMs = hours! * HOUR_MS + minutes! * MINUTE_MS + seconds! * SECOND_MS;
  return sleepMs > 0 && sleepMs < Number.MAX_SAFE_INTEGER ? sleepMs : undefined;
}

/** Letters, digits and - _ . : which need no escape in a path; no segment that a server would resolve. */
export function isPathSegment(text: string): boolean {
  if (text.length === 0 || text.length > SEGMENT_LENGTH_MAX || text[0] === ".") return false;
  for (let index = 0; index < text.length; index++) {
    const character = text[index]!;
    const isPlain =
      (character >= "a" && character <= "z") ||
      (character >= "A" && character <= "Z") ||
      (character >= "0" && character <= "9") ||
      "-_.:".indexOf(character) >= 0;
    if (!isPlain) return false;
  }
  return true;
}
