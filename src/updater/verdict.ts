/**
 * What becomes of one action, decided in one place before a byte of its image is fetched.
 *
 * The signed update answers whether it may run here at all (ota/update-judge.ts); the boot authority, whether now.
 */
import { areEqualBytes } from "../data/bytes.js";
import { errorCodeOf, messageOf } from "../errors.js";
import type { ChunkedImage } from "../ota/chunk-check.js";
import { imageIdOf } from "../ota/journal-record.js";
import type { Release } from "../ota/manifest.js";
import { authenticateUpdate, imageNamedBy, judgeUpdate } from "../ota/update-judge.js";
import { type Action, MANIFEST_SUFFIX } from "./ddi-documents.js";
import type { UpdaterOptions } from "./updater-options.js";

/** What was signed, and where its image lies; `undefined` where the action brings none of that size. */
export interface SignedImage {
  readonly image: ChunkedImage;
  readonly path: string | undefined;
}

/**
 * take: fetch the image · trial: it runs and has no verdict · done: it runs and is confirmed · decline: never, as it is ·
 * postpone: not now. `isSigned`: both signatures are right, or not in question, because it runs and is not on trial.
 * `proof`: on trial, what a chunk can be had of.
 */
export type Verdict =
  | { readonly kind: "take"; readonly isSigned: true; readonly release: Release; readonly path: string }
  | { readonly kind: "trial"; readonly isSigned: true; readonly proof: SignedImage }
  | { readonly kind: "done"; readonly isSigned: true }
  | { readonly kind: "decline"; readonly because: string; readonly isSigned: boolean }
  | { readonly kind: "postpone"; readonly because: string; readonly isSigned: boolean; readonly proof?: SignedImage };

/** `update`: the bytes of the action's signed update. `nowS`: the time, where it is known. Keeps what the update teaches. */
export function verdictOn(action: Action, update: Uint8Array, nowS: number | undefined, options: UpdaterOptions): Verdict {
  const { identity, slots, verifier, Digest } = options;
  const memory = slots.updateMemory;
  const runningIdentity = slots.runningIdentity ?? new Uint8Array(0);
  try {
    if (areEqualBytes(imageNamedBy(update), runningIdentity)) {
      if (!slots.isTrial)
        return slots.mayWriteOther ? { kind: "done", isSigned: true } : postpone("it runs, and is not settled");
      const { release } = authenticateUpdate(update, { identity, memory, verifier, Digest });
      return { kind: "trial", isSigned: true, proof: { image: release, path: pathIn(action, release) } };
    }
    const judged = judgeUpdate(update, { identity, memory, present: { nowS, runningIdentity }, verifier, Digest });
    slots.remember(judged.memory);
    return verdictOnRelease(action, judged.release, options);
  } catch (error) {
    const code = errorCodeOf(error);
    if (code !== "corrupt" && code !== "refused") throw error;
    const isSigned = code === "refused";
    // On trial the fault may be this image's, built with other keys: the action stays open for the one that it goes back to.
    return { kind: slots.isTrial && !isSigned ? "postpone" : "decline", because: messageOf(error), isSigned };
  }
}

function verdictOnRelease(action: Action, release: Release, { slots, clock, retryRejectedMs }: UpdaterOptions): Verdict {
  const imageId = imageIdOf(release.imageIdentity);
  const path = pathIn(action, release);
  if (slots.isQuarantined(imageId, release.sequenceNumber)) return decline("its image is in quarantine");
  if (path === undefined) return decline(`it has no artifact of ${release.imageSizeBytes} bytes, expected the image`);
  if (slots.isTrial) return { ...postpone("the running image has no verdict yet"), proof: { image: release, path } };
  if (!slots.mayWriteOther) return postpone("the running image has no verdict yet");
  if (slots.waitingImageId === imageId) return postpone("its image waits for its next attempt");
  if (slots.rejectedImageId === imageId && clock.now() < retryRejectedMs) {
    return postpone("its image was sent away without a verdict");
  }
  if (!action.isWanted) return postpone("it is not wanted now");
  return { kind: "take", isSigned: true, release, path };
}

/** Of the artifact that is not the signed update and has the image's size. */
function pathIn({ artifacts }: Action, { imageSizeBytes }: Release): string | undefined {
  return artifacts.find(({ filename, sizeBytes }) => sizeBytes === imageSizeBytes && !filename.endsWith(MANIFEST_SUFFIX))?.path;
}

function decline(because: string): Verdict {
  return { kind: "decline", because, isSigned: true };
}

function postpone(because: string): Verdict & { readonly kind: "postpone" } {
  return { kind: "postpone", because, isSigned: true };
}
