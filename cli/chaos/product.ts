/**
 * What is put under power cuts: an integrator's firmware in two builds that differ in their version, and signed offers of both.
 *
 * The keys are made for one run; their public halves are built into both images. Everything else is the application's own.
 */
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { DDIServer } from "../../hosts/node/ddi/ddi-server.js";
import { publicKeyOf } from "../../hosts/node/signing/key-pair.js";
import { joinUpdate, type ReleaseOptions, signDeployment, signRelease } from "../../hosts/node/signing/sign-update.js";
import type { FirmwareBundles } from "../../hosts/node/simulator/firmware-bundle.js";
import { buildFirmwareImage } from "../../hosts/node/simulator/firmware-image.js";
import { FirmwareError } from "../../src/errors.js";
import { type Application, readApplication } from "../build/application.js";
import { bundleFirmware } from "../build/bundle.js";

const DAY_S = 86_400;
/** Behind the version of the second build. */
const SUFFIX = "+chaos";
const VERSION_LENGTH_MAX = 31;

export interface ProductOptions {
  readonly folder: string;
  /** As the firmware's identity has them. */
  readonly vendor: string;
  /** Default: the application's name. */
  readonly deviceClass: string | undefined;
}

/** One image and what a server offers of it. */
export interface Release {
  readonly version: string;
  readonly image: Uint8Array;
  readonly update: Uint8Array;
}

export interface Product {
  readonly application: Application;
  readonly deviceClass: string;
  readonly old: Release;
  readonly next: Release;
}

/** Builds and signs. Throws `unsupported` for a firmware that takes nobody's updates, and what a build throws. */
export async function makeProduct({ folder, vendor, deviceClass }: ProductOptions): Promise<Product> {
  const application = readApplication(folder);
  const keys = { release: newKey(), deploy: newKey() };
  const points = { release: [publicKeyOf(keys.release).point], deploy: [publicKeyOf(keys.deploy).point] };
  const name = deviceClass ?? application.name;
  const bundles = await bundleFirmware({ ...application, keys: points });
  demandKeys(bundles, points.release[0]!, folder);
  const release = async (version: string, sequenceNumber: number): Promise<Release> => {
    const image = buildFirmwareImage({ bundles, project: application.name, version, chip: application.chip });
    const update = await sign({ image, version, vendor, deviceClass: name, sequenceNumber, keys });
    return { version, image, update };
  };
  const old = await release(application.version, 1);
  const next = await release(`${application.version.slice(0, VERSION_LENGTH_MAX - SUFFIX.length)}${SUFFIX}`, 2);
  return { application, deviceClass: name, old, next };
}

/** A server for one device, which listens: gives it and its port. */
export async function serveRelease(product: Product, release: Release): Promise<{ server: DDIServer; port: number }> {
  const server = new DDIServer();
  const { version, image, update } = release;
  const name = `${product.deviceClass}-${version}`;
  const artifacts = [
    { filename: `${name}.cose`, bytes: update },
    { filename: `${name}.bin`, bytes: image },
  ];
  server.deploy({ name, version, artifacts });
  return { server, port: await server.listen() };
}

/** What a build leaves out is what nobody uses: without the keys in it, no firmware can judge an update. */
function demandKeys({ preload, application }: FirmwareBundles, point: Uint8Array, folder: string): void {
  const key = Buffer.from(point).toString("hex");
  if (preload.includes(key) || application.includes(key)) return;
  throw new FirmwareError(
    "unsupported",
    `${folder}: takes no updates: nothing of it uses holdfast/keys; expected an Updater, given RELEASE_KEYS and DEPLOY_KEYS`,
  );
}

async function sign(
  options: Omit<ReleaseOptions, "key"> & { readonly keys: { readonly release: KeyObject; readonly deploy: KeyObject } },
): Promise<Uint8Array> {
  const { keys, ...terms } = options;
  const issuedS = Math.floor(Date.now() / 1000);
  const release = await signRelease({ ...terms, issuedS, key: keys.release });
  const { sequenceNumber } = terms;
  const deployment = await signDeployment({ release, sequenceNumber, issuedS, expiresS: issuedS + DAY_S, key: keys.deploy });
  return joinUpdate(release, deployment);
}

function newKey(): KeyObject {
  return generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
}
