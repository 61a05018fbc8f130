/**
 * The other end of the specs in this folder: one device's place in a DDI server, in memory and in virtual time.
 *
 * Good by itself, and bad where a spec wants it: whatever it would answer goes through `meddle` first. It follows the protocol
 * by level as a server does: an action is linked until a report closes it, a question until it is answered with yes.
 */
import { createHash, generateKeyPairSync, type KeyObject } from "node:crypto";
import { publicKeyOf } from "../../../hosts/node/signing/key-pair.js";
import type { DeploymentOptions, ReleaseOptions } from "../../../hosts/node/signing/sign-update.js";
import type { UpdateIdentity } from "../../../src/ota/update-judge.js";
import { type ScriptedAnswer, type ScriptedRequest, ScriptedServer } from "../../harness/scripted-server.js";
import { signAtOnce, type UpdateContents } from "../signing/sign-at-once.js";

export const DEVICE_CLASS = "node";
export const CONTROLLER_ID = "A1";
export const BASE_PATH = `/DEFAULT/controller/v1/${CONTROLLER_ID}`;
export const ORIGIN = "http://updates.example.com:80";
/** Of a device that trusts its server by TLS. */
export const SECURE_ORIGIN = "https://updates.example.com";

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
const DAY_S = 86_400;

export interface Offer {
  readonly version: string;
  /** What is served instead of `image`, which stays what is signed. */
  readonly served?: Uint8Array;
  /** How the image's path is answered, or how each request for it is. */
  readonly answer?: ScriptedAnswer | ((request: ScriptedRequest) => ScriptedAnswer);
  readonly release?: Partial<ReleaseOptions>;
  readonly deployment?: Partial<Omit<DeploymentOptions, "release">>;
  readonly changeRelease?: UpdateContents["changeRelease"];
  /** What becomes of the signed update on the way. */
  readonly tamper?: (update: Uint8Array) => Uint8Array;
}

type SignedPart = Pick<Offer, "version" | "release" | "deployment" | "changeRelease">;

/** What is served as an action's image. */
export interface ServedImage {
  readonly bytes: Uint8Array;
  /** What the server says its size is. Default: what it is. */
  readonly sizeBytes?: number;
  readonly version: string;
  readonly answer?: Offer["answer"];
}

/** What a device reported of an action. Of a question: "confirmed" or "denied", and its code. */
export interface Feedback {
  readonly path: string;
  readonly execution: string;
  readonly finished: string;
  readonly detail: string;
}

/** What is asked for. */
export type Subject = "poll" | "attributes" | "deployment" | "cancel" | "update" | "image" | "feedback";

/** Gives the answer to a request: by `good()`, which also takes note of a report, or another one. */
export type Meddler = (subject: Subject, good: () => ScriptedAnswer, request: ScriptedRequest) => ScriptedAnswer;

export class Fleet {
  readonly server = new ScriptedServer();
  readonly feedback: Feedback[] = [];
  /** What configData said, each time. */
  readonly attributes: unknown[] = [];
  /** What is in the poll's document beside links. */
  sleep: string | undefined;
  wantsAttributes = false;
  /** Whether a new action is only asked about at first (confirmationBase). */
  asksFirst = false;
  meddle: Meddler | undefined;
  readonly #origin: string;
  #actionCount = 0;
  #actionId: string | undefined;
  #isAsking = false;
  #cancelId: string | undefined;
  /** Of the update before: both sequence numbers grow with each offer. */
  #sequenceNumber = 0;

  constructor(origin = ORIGIN) {
    this.#origin = origin;
    this.#set("poll", BASE_PATH, () => this.#poll());
    this.#set("attributes", this.pathOf("configData"), ({ body }) => {
      this.attributes.push(documentOf(body));
      this.wantsAttributes = false;
      return {};
    });
  }

  /** Ends of paths under the device's own. */
  pathOf(end: string): string {
    return `${BASE_PATH}/${end}`;
  }

  /** The open action. */
  get actionId(): string | undefined {
    return this.#actionId;
  }

  /** A new action: `image`, signed, for the device. Gives the path of the image. */
  offer(image: Uint8Array, options: Offer): string {
    const update = this.sign(image, options);
    const served = options.served ?? image;
    return this.serve(options.tamper?.(update) ?? update, {
      bytes: served,
      sizeBytes: image.length,
      version: options.version,
      answer: options.answer ?? {},
    });
  }

  /** The signed update of an offer, with the next sequence numbers. */
  sign(image: Uint8Array, options: SignedPart): Uint8Array {
    const sequenceNumber = ++this.#sequenceNumber;
    return signAtOnce({
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
        expiresS: NOW_S + DAY_S,
        key: DEPLOY_KEY,
        ...options.deployment,
      },
      changeRelease: options.changeRelease,
    });
  }

  /** A new action with whatever bytes for its signed update. Gives the path of the image. */
  serve(update: Uint8Array, image: ServedImage): string {
    const { bytes, sizeBytes = bytes.length, version, answer = {} } = image;
    const id = String(++this.#actionCount);
    const path = this.pathOf(`softwaremodules/1/artifacts/${sha256Of(bytes).slice(0, 16)}.bin`);
    const manifestPath = this.pathOf(`softwaremodules/1/artifacts/${id}.cose`);
    this.#set("image", path, typeof answer === "function" ? answer : fileOf(bytes, answer));
    this.#set("update", manifestPath, () => ({ body: update }));
    const artifacts = [this.artifact("update.cose", update.length, manifestPath), this.artifact("image.bin", sizeBytes, path)];
    const body = {
      download: "forced",
      update: "forced",
      chunks: [{ part: "os", name: "firmware", version, artifacts }],
    };
    this.#actionId = id;
    this.#cancelId = undefined;
    this.#isAsking = this.asksFirst;
    this.#set("deployment", this.pathOf(`deploymentBase/${id}?c=1`), () => ({
      body: JSON.stringify({ id, deployment: body }),
    }));
    this.#set("feedback", this.pathOf(`deploymentBase/${id}/feedback`), (request) => this.#take(request, id));
    this.#set("deployment", this.pathOf(`confirmationBase/${id}?c=1`), () => {
      return { body: JSON.stringify({ id, confirmation: body }) };
    });
    this.#set("feedback", this.pathOf(`confirmationBase/${id}/feedback`), (request) => this.#takeConfirmation(request));
    return path;
  }

  /** An artifact as a deployment names it. */
  artifact(filename: string, size: number, path: string): object {
    const name = this.#origin === SECURE_ORIGIN ? "download" : "download-http";
    return { filename, size, hashes: {}, _links: { [name]: { href: `${this.#origin}${path}` } } };
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
    this.#set("cancel", this.pathOf(`cancelAction/${id}`), () => ({ body: JSON.stringify({ id, cancelAction: { stopId } }) }));
    this.#set("feedback", this.pathOf(`cancelAction/${id}/feedback`), (request) => this.#take(request, id));
  }

  /** What was reported, in short, as "closed success: it runs and is confirmed". */
  reports(): string[] {
    return this.feedback.map(({ execution, finished, detail }) => `${execution} ${finished}: ${detail}`);
  }

  #set(subject: Subject, path: string, good: (request: ScriptedRequest) => ScriptedAnswer): void {
    this.server.answers.set(path, (request) => {
      return this.meddle?.(subject, () => good(request), request) ?? good(request);
    });
  }

  #poll(): ScriptedAnswer {
    const links: Record<string, object> = {};
    const link = (name: string, end: string): void => {
      links[name] = { href: `${this.#origin}${this.pathOf(end)}` };
    };
    if (this.wantsAttributes) link("configData", "configData");
    if (this.#cancelId !== undefined) link("cancelAction", `cancelAction/${this.#cancelId}`);
    else if (this.#actionId !== undefined) {
      const name = this.#isAsking ? "confirmationBase" : "deploymentBase";
      link(name, `${name}/${this.#actionId}?c=1`);
    }
    const config = this.sleep === undefined ? {} : { config: { polling: { sleep: this.sleep } } };
    return { body: JSON.stringify({ ...config, _links: links }) };
  }

  #take({ path, body }: ScriptedRequest, id: string): ScriptedAnswer {
    const { status } = documentOf(body) as {
      status: { execution: string; result: { finished: string }; details: string[] };
    };
    this.feedback.push({
      path,
      execution: status.execution,
      finished: status.result.finished,
      detail: status.details.join(" "),
    });
    const isOver = ["closed", "canceled"].includes(status.execution);
    if (id === this.#cancelId && (isOver || status.execution === "rejected")) {
      this.#cancelId = undefined;
      if (isOver) this.#actionId = undefined; // Otherwise the update goes on.
    } else if (isOver && id === this.#actionId) {
      this.#actionId = undefined;
    }
    return {};
  }

  /** hawkBit goes on asking after a no. */
  #takeConfirmation({ path, body }: ScriptedRequest): ScriptedAnswer {
    const { confirmation, code, details } = documentOf(body) as { confirmation: string; code: number; details: string[] };
    this.feedback.push({ path, execution: confirmation, finished: String(code), detail: details.join(" ") });
    if (confirmation === "confirmed") this.#isAsking = false;
    return {};
  }
}

/** A device sends UTF-8, and the scripted server knows bytes only. */
function documentOf(body: string): unknown {
  return JSON.parse(Buffer.from(body, "latin1").toString("utf8"));
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
