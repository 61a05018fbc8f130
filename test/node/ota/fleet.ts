/**
 * The other end of the specs in this folder: one device's place in a DDI server, in memory and in virtual time.
 *
 * Good by itself, and bad where a spec wants it: each document, the signed update and the image can be answered otherwise. It
 * follows the protocol by level as a server does: an action is linked until a report closes it.
 */
import { createHash, generateKeyPairSync, type KeyObject } from "node:crypto";
import { publicKeyOf } from "../../../hosts/node/signing/key-pair.js";
import type { DeploymentOptions, ReleaseOptions } from "../../../hosts/node/signing/sign-update.js";
import type { UpdateIdentity } from "../../../src/ota/update-judge.js";
import { type ScriptedAnswer, type ScriptedRequest, ScriptedServer } from "../../harness/scripted-server.js";
import { signAtOnce } from "../signing/sign-at-once.js";

export const DEVICE_CLASS = "node";
export const CONTROLLER_ID = "A1";
export const BASE_PATH = `/DEFAULT/controller/v1/${CONTROLLER_ID}`;
export const ORIGIN = "http://updates.example.com:80";

const newKey = (): KeyObject => generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
export const RELEASE_KEY = newKey();
export const DEPLOY_KEY = newKey();

/** What the firmware of these specs was built with. */
export const IDENTITY: UpdateIdentity = Object.freeze({
  vendor: "example.com",
  deviceClass: DEVICE_CLASS,
  hardwareRevision: 3,
  device: CONTROLLER_ID,
  releaseKeys: [publicKeyOf(RELEASE_KEY).point],
  deployKeys: [publicKeyOf(DEPLOY_KEY).point],
});

/** A day in November 2026, in seconds. */
export const NOW_S = 1_795_000_000;

export interface Offer {
  readonly version: string;
  /** What is served instead of `image`, which stays what is signed. */
  readonly served?: Uint8Array;
  /** How the image's path is answered, or how each request for it is. */
  readonly answer?: ScriptedAnswer | ((request: ScriptedRequest) => ScriptedAnswer);
  readonly release?: Partial<ReleaseOptions>;
  readonly deployment?: Partial<Omit<DeploymentOptions, "release">>;
  /** What becomes of the signed update on the way. */
  readonly tamper?: (update: Uint8Array) => Uint8Array;
}

/** What a device reported of an action. */
export interface Feedback {
  readonly path: string;
  readonly execution: string;
  readonly finished: string;
  readonly detail: string;
}

export class Fleet {
  readonly server = new ScriptedServer();
  readonly feedback: Feedback[] = [];
  /** The body of the last configData. */
  attributes: unknown;
  /** What is in the poll's document beside links. */
  sleep: string | undefined;
  wantsAttributes = false;
  #actionCount = 0;
  #actionId: string | undefined;
  #cancelId: string | undefined;
  /** Of the update before: both sequence numbers grow with each offer. */
  #sequenceNumber = 0;

  constructor() {
    this.server.answers.set(BASE_PATH, () => this.#poll());
    this.server.answers.set(`${BASE_PATH}/configData`, (request) => {
      this.attributes = JSON.parse(request.body);
      this.wantsAttributes = false;
      return {};
    });
  }

  /** Ends of paths under the device's own. */
  pathOf(end: string): string {
    return `${BASE_PATH}/${end}`;
  }

  get actionId(): string | undefined {
    return this.#actionId;
  }

  /** A new action: `image`, signed, for the device. Gives the path of the image. */
  offer(image: Uint8Array, options: Offer): string {
    const sequenceNumber = ++this.#sequenceNumber;
    const update = signAtOnce({
      release: {
        image,
        sequenceNumber,
        vendor: IDENTITY.vendor,
        deviceClass: DEVICE_CLASS,
        version: options.version,
        key: RELEASE_KEY,
        ...options.release,
      },
      deployment: {
        sequenceNumber,
        issuedS: NOW_S,
        expiresS: NOW_S + 86_400,
        key: DEPLOY_KEY,
        ...options.deployment,
      },
    });
    const bytes = options.tamper?.(update) ?? update;
    const served = options.served ?? image;
    const path = `${BASE_PATH}/softwaremodules/1/artifacts/${sha256Of(served).slice(0, 16)}.bin`;
    this.server.answers.set(path, typeof options.answer === "function" ? options.answer : fileOf(served, options.answer));
    this.serve(bytes, { path, sizeBytes: image.length, version: options.version });
    return path;
  }

  /** A new action with whatever bytes for its signed update. */
  serve(update: Uint8Array, image: { readonly path: string; readonly sizeBytes: number; readonly version: string }): void {
    const id = String(++this.#actionCount);
    const manifestPath = `${BASE_PATH}/softwaremodules/1/artifacts/${id}.cose`;
    this.server.answers.set(manifestPath, { body: update });
    const artifact = (filename: string, size: number, path: string): object => ({
      filename,
      size,
      hashes: {},
      _links: { "download-http": { href: `${ORIGIN}${path}` } },
    });
    const artifacts = [
      artifact("update.cose", update.length, manifestPath),
      artifact("image.bin", image.sizeBytes, image.path),
    ];
    const deployment = {
      download: "forced",
      update: "forced",
      chunks: [{ part: "os", name: "firmware", version: image.version, artifacts }],
    };
    this.#actionId = id;
    this.#cancelId = undefined;
    this.server.answers.set(`${BASE_PATH}/deploymentBase/${id}`, { body: JSON.stringify({ id, deployment }) });
    this.server.answers.set(`${BASE_PATH}/deploymentBase/${id}/feedback`, (request) => this.#take(request, id));
  }

  /** Nothing is wanted any more. */
  withdraw(): void {
    this.#actionId = undefined;
  }

  /** The open action is to be stopped. */
  cancel(): void {
    const stopId = this.#actionId!;
    const id = String(++this.#actionCount);
    this.#cancelId = id;
    const path = `${BASE_PATH}/cancelAction/${id}`;
    this.server.answers.set(path, { body: JSON.stringify({ id, cancelAction: { stopId } }) });
    this.server.answers.set(`${path}/feedback`, (request) => this.#take(request, id));
  }

  /** What was reported, in short, as "closed success: it runs and is confirmed". */
  reports(): string[] {
    return this.feedback.map(({ execution, finished, detail }) => `${execution} ${finished}: ${detail}`);
  }

  #poll(): ScriptedAnswer {
    const links: Record<string, object> = {};
    const link = (name: string, end: string): void => {
      links[name] = { href: `${ORIGIN}${BASE_PATH}/${end}` };
    };
    if (this.wantsAttributes) link("configData", "configData");
    if (this.#cancelId !== undefined) link("cancelAction", `cancelAction/${this.#cancelId}`);
    else if (this.#actionId !== undefined) link("deploymentBase", `deploymentBase/${this.#actionId}?c=1`);
    const config = this.sleep === undefined ? {} : { config: { polling: { sleep: this.sleep } } };
    if (this.#actionId !== undefined) {
      const path = `${BASE_PATH}/deploymentBase/${this.#actionId}`;
      this.server.answers.set(`${path}?c=1`, this.server.answers.get(path)!);
    }
    return { body: JSON.stringify({ ...config, _links: links }) };
  }

  #take({ path, body }: ScriptedRequest, id: string): ScriptedAnswer {
    const { status } = JSON.parse(body) as {
      status: { execution: string; result: { finished: string }; details: string[] };
    };
    this.feedback.push({
      path,
      execution: status.execution,
      finished: status.result.finished,
      detail: status.details.join(" "),
    });
    const isOver = ["closed", "canceled", "rejected"].includes(status.execution);
    if (isOver && id === this.#cancelId) this.#cancelId = this.#actionId = undefined;
    if (isOver && id === this.#actionId) this.#actionId = undefined;
    return {};
  }
}

export function sha256Of(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** A file as a good web server has it: ranges by Range and If-Range, a strong ETag. `answer` changes what it would say. */
export function fileOf(bytes: Uint8Array, answer: ScriptedAnswer = {}): (request: ScriptedRequest) => ScriptedAnswer {
  const etag = `"${sha256Of(bytes).slice(0, 16)}"`;
  return ({ headers }) => {
    const match = /^bytes=(\d+)-(\d+)$/.exec(headers.get("range") ?? "");
    const isSame = (headers.get("if-range") ?? etag) === etag;
    if (!match || !isSame) return { body: bytes, ...answer, headers: { etag, ...answer.headers } };
    const [first, last] = [Number(match[1]), Math.min(Number(match[2]), bytes.length - 1)];
    return {
      status: 206,
      body: bytes.subarray(first, last + 1),
      ...answer,
      headers: { etag, "content-range": `bytes ${first}-${last}/${bytes.length}`, ...answer.headers },
    };
  };
}
