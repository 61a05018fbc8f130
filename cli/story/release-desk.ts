/**
 * The people behind the story: those who sign releases, those who deploy them, and the server that says so to the device.
 *
 * Both keys are made when the story begins and are gone when it ends; the public halves are built into every image of it.
 */
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { DDIServer } from "../../hosts/node/ddi/ddi-server.js";
import type { DDIServerOptions } from "../../hosts/node/ddi/ddi-server-options.js";
import type { FeedbackRecord } from "../../hosts/node/ddi/feedback-record.js";
import { publicKeyOf } from "../../hosts/node/signing/key-pair.js";
import { joinUpdate, type ReleaseOptions, signDeployment, signRelease } from "../../hosts/node/signing/sign-update.js";
import { FirmwareError } from "../../src/errors.js";
import type { BuiltImage } from "../build/build-image.js";
import type { UpdateKeys } from "../build/update-keys.js";

const VENDOR = "example.com";
const DAY_S = 86_400;

export interface OfferOptions {
  readonly deviceClass: string;
  /** What is different from a good offer of this image. */
  readonly release?: Partial<Pick<ReleaseOptions, "deviceClass" | "sequenceNumber">>;
  /** Who signs the release instead of the release key. */
  readonly releasedBy?: "deploy";
  /** How long ago the deployment was issued. It is good for a day. */
  readonly ageS?: number;
  /** What becomes of the image between its signature and the device. */
  readonly tamper?: (image: Uint8Array) => Uint8Array;
}

type Listener = (record: FeedbackRecord) => void;

export class ReleaseDesk {
  readonly server: DDIServer;
  readonly #releaseKey = newKey();
  readonly #deployKey = newKey();
  readonly #listeners = new Set<Listener>();
  #releaseCount = 0;
  #deploymentCount = 0;

  constructor(options: DDIServerOptions = {}) {
    this.server = new DDIServer(options);
    this.server.onFeedback = (record) => {
      for (const listener of [...this.#listeners]) listener(record);
    };
  }

  /** What a firmware of this product has built in. */
  get keys(): UpdateKeys {
    return { release: [publicKeyOf(this.#releaseKey).point], deploy: [publicKeyOf(this.#deployKey).point] };
  }

  /** Hears every report of the device. Gives the way to stop that. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Signs the image and deploys it. Gives the action's id and the size of the signed update. */
  async offer(built: BuiltImage, options: OfferOptions): Promise<{ readonly actionId: string; readonly updateBytes: number }> {
    const nowS = Math.floor(Date.now() / 1000);
    const issuedS = nowS - (options.ageS ?? 0);
    const release = await signRelease({
      image: built.image,
      sequenceNumber: ++this.#releaseCount,
      vendor: VENDOR,
      deviceClass: options.deviceClass,
      version: built.version,
      issuedS: nowS,
      ...options.release,
      key: options.releasedBy === "deploy" ? this.#deployKey : this.#releaseKey,
    });
    const deployment = await signDeployment({
      release,
      sequenceNumber: ++this.#deploymentCount,
      issuedS,
      expiresS: issuedS + DAY_S,
      key: this.#deployKey,
    });
    const update = joinUpdate(release, deployment);
    const name = `${options.deviceClass}-${built.version}`;
    const actionId = this.server.deploy({
      name,
      version: built.version,
      artifacts: [
        { filename: `${name}.cose`, bytes: update },
        { filename: `${name}.bin`, bytes: options.tamper?.(built.image) ?? built.image },
      ],
    });
    return { actionId, updateBytes: update.length };
  }

  /** The report that ends the action. Throws `timeout` where none comes. */
  async verdict(actionId: string, timeoutMs: number): Promise<FeedbackRecord> {
    const isVerdict = (record: FeedbackRecord): boolean => record.actionId === actionId && record.execution === "closed";
    const known = this.server.feedback.find(isVerdict);
    if (known !== undefined) return known;
    return new Promise((resolve, reject) => {
      const stop = this.listen((record) => {
        if (!isVerdict(record)) return;
        clearTimeout(timeout);
        stop();
        resolve(record);
      });
      const timeout = setTimeout(() => {
        stop();
        reject(new FirmwareError("timeout", `no verdict on action ${actionId} within ${timeoutMs} ms`));
      }, timeoutMs);
    });
  }
}

function newKey(): KeyObject {
  return generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
}
