/** What a signed update costs before a byte is fetched: the largest one there is, both signatures, every question asked. */
import { type JudgeOptions, judgeUpdate, publicKeysOf } from "holdfast";
import type { XSHost } from "../../../hosts/xs/boot.js";
import { DEPLOY_KEY, RELEASE_KEY, SIGNED_UPDATE } from "../../fixtures/signed-update.js";
import type { Ruler } from "./ruler.js";

const JUDGE_COUNT = 10;
const NOW_S = 1_795_000_001;
const HASH_SIZE_BYTES = 32;

export function measureJudgement(ruler: Ruler, host: XSHost): void {
  const update = new Uint8Array(SIGNED_UPDATE.length / 2);
  for (let index = 0; index < update.length; index++) {
    update[index] = Number.parseInt(SIGNED_UPDATE.substring(2 * index, 2 * index + 2), 16);
  }
  const options: JudgeOptions = {
    identity: {
      vendor: "example.com",
      deviceClass: "sensor-node",
      hardwareRevision: 3,
      device: "A1",
      releaseKeys: publicKeysOf([RELEASE_KEY]),
      deployKeys: publicKeysOf([DEPLOY_KEY]),
    },
    memory: { releaseFloor: 0, deploymentFloor: 0, securityFloor: 0, timeFloorS: 0, nextKeyDigest: undefined },
    present: { nowS: NOW_S, runningIdentity: new Uint8Array(HASH_SIZE_BYTES).fill(1) },
    verifier: host.verifier,
    Digest: host.Digest,
  };
  ruler.perOperation("signed update of 96 chunks judged", JUDGE_COUNT, () => {
    ruler.kept = judgeUpdate(update, options);
  });
  ruler.kept = undefined;
}
