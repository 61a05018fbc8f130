/**
 * One software module on offer: its artifacts, with the hashes by which devices check them.
 *
 * hawkBit groups modules in distribution sets; here a deployment is one module, because a device of this framework has one
 * image. Documents: docs/spec/ddi.md.
 */
import { createHash } from "node:crypto";
import { assert } from "../../../src/assert.js";
import { isPrintableText } from "../../../src/data/printable.js";

export interface Artifact {
  /** Printable ASCII, 1 … 256 characters. */
  readonly filename: string;
  readonly bytes: Uint8Array;
}

/** What is to be deployed: one software module, which the API calls a chunk. */
export interface DeploymentOffer {
  readonly name: string;
  readonly version: string;
  /** At least one; their names differ. */
  readonly artifacts: readonly Artifact[];
}

/** An artifact and its hashes, in hexadecimal digits. */
export interface StoredArtifact extends Artifact {
  readonly md5: string;
  readonly sha1: string;
  readonly sha256: string;
  /** Strong; hawkBit's too is the SHA-1. */
  readonly entityTag: string;
}

/** What is appended to an artifact's name to ask for the line that `md5sum -c` reads. */
export const MD5_SUFFIX = ".MD5SUM";
const FILENAME_LENGTH_MAX = 256;

export class SoftwareModule {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly artifacts: readonly StoredArtifact[];

  /** Keeps a copy of the bytes. */
  constructor(id: string, offer: DeploymentOffer) {
    assert(offer.name !== "" && offer.version !== "", "deploy: expected a name and a version");
    assert(offer.artifacts.length > 0, "deploy: expected at least one artifact");
    const names = new Set(offer.artifacts.map(({ filename }) => filename));
    assert(names.size === offer.artifacts.length, "deploy: expected artifacts of different names");
    this.id = id;
    this.name = offer.name;
    this.version = offer.version;
    this.artifacts = offer.artifacts.map(storedArtifact);
  }

  artifact(filename: string): StoredArtifact | undefined {
    return this.artifacts.find((artifact) => artifact.filename === filename);
  }
}

function storedArtifact({ filename, bytes }: Artifact): StoredArtifact {
  assert(isPrintableText(filename) && filename.length <= FILENAME_LENGTH_MAX, "deploy: expected a printable file name");
  assert(!["", ".", ".."].includes(filename), "deploy: expected the name of a file");
  assert(!filename.endsWith(MD5_SUFFIX), "deploy: a name that ends in .MD5SUM would hide another's checksum");
  assert(bytes.length > 0, "deploy: expected an artifact with bytes");
  const hash = (algorithm: string): string => createHash(algorithm).update(bytes).digest("hex");
  const sha1 = hash("sha1");
  return { filename, bytes: bytes.slice(), md5: hash("md5"), sha1, sha256: hash("sha256"), entityTag: `"${sha1}"` };
}
