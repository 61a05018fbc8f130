/** `holdfast chaos`: an application under power cuts in the middle of its update, and what is missing where it takes none. */
import { fileURLToPath } from "node:url";
import { cutModesFor, tornFlash } from "../../../cli/chaos/torn-flash.js";
import { UpdateWitness } from "../../../cli/chaos/update-witness.js";
import type { FlashReport, SlotReport } from "../../../hosts/node/index.js";
import { equal, ok } from "../../harness/expect.js";
import { after, describe, it } from "../../harness/spec.js";
import { CommandLine } from "./command-line.js";

const UPDATABLE = fileURLToPath(new URL("../../fixtures/firmware/updatable/", import.meta.url));
const HOLDFAST_JSON = JSON.stringify({ name: "app", version: "1.0.0", entry: "main.ts" });

describe("command: chaos", () => {
  const line = new CommandLine();
  after(() => line.close());

  it("cuts the power of an application's update, and the device comes back and completes it", async () => {
    const run = await line.run(["chaos", UPDATABLE, "--cuts", "1", "--seed", "2"]);
    equal([run.exitCode, run.stderr], [0, ""]);
    ok(/^updatable 1\.0\.0 → 1\.0\.0\+chaos, images of \d+ bytes$/m.test(run.stdout), run.stdout);
    ok(/^seed 2: power cuts at 1 of the \d+ flash operations of an update$/m.test(run.stdout), run.stdout);
    ok(/^1 passed, 0 failed in /m.test(run.stdout), run.stdout);
  });

  it("says what is missing of a firmware that takes no updates", async () => {
    const main = "export default function main() {}\n";
    const folder = line.application("bare", { "holdfast.json": HOLDFAST_JSON, "main.ts": main });
    const run = await line.run(["chaos", folder]);
    equal([run.exitCode, run.stdout], [1, ""]);
    ok(/^holdfast: .*bare: takes no updates: nothing of it uses holdfast\/keys; expected an Updater.*\n$/.test(run.stderr));
  });

  it("says what is missing of a firmware that asks no server", async () => {
    const main = `import { DEPLOY_KEYS, RELEASE_KEYS } from "holdfast/keys";
      export default function main(host) { host.trace(RELEASE_KEYS.join() + DEPLOY_KEYS.join()); }\n`;
    const folder = line.application("mute", { "holdfast.json": HOLDFAST_JSON, "main.ts": main });
    const run = await line.run(["chaos", folder, "--limit", "1"]);
    equal(run.exitCode, 1);
    ok(
      /^holdfast: the firmware asked no update server within 1 s; expected .* update\.host and update\.port.*\n$/.test(
        run.stderr,
      ),
    );
  });

  it("leaves of an operation what each mode says", () => {
    const before = new Uint8Array(0x3000).fill(0xff);
    const after = before.slice();
    after.fill(0, 0x1000, 0x1010);
    const operation = { kind: "program", offset: 0x1000, byteLength: 16 } as const;
    equal(cutModesFor(operation), ["before", "after", "words", "bits", "unstable"]);
    const written = (mode: "before" | "after" | "words" | "bits"): number =>
      tornFlash({ before, after, operation, mode, seed: 5 }).bytes.filter((byte) => byte === 0).length;
    equal([written("before"), written("after")], [0, 16]);
    ok(written("words") % 4 === 0 && written("words") > 0 && written("words") < 16);
    const { bytes, unstable } = tornFlash({ before, after, operation, mode: "unstable", seed: 5 });
    ok(unstable !== undefined && unstable.noise.length <= 4 && bytes[unstable.offset] === 0);
    equal(cutModesFor({ kind: "erase", offset: 0x1000, byteLength: 4096 }), ["before", "after", "half", "unstable"]);
  });

  /** What a witness of an update from 1.0.0 to 2.0.0 says of a start from slot 1 that finds this. */
  function problemOf(slots: readonly Partial<SlotReport>[], quarantine: readonly string[] = []): string | undefined {
    const witness = new UpdateWitness({
      wanted: { slot: 1, version: "2.0.0" },
      kept: { slot: 0, version: "1.0.0" },
      isSign: () => false,
      inspect: () => ({ slots, quarantine }) as unknown as FlashReport,
    });
    witness.see({ kind: "boot", atMs: 0, slot: 1 });
    return witness.problem;
  }

  it("takes a broken image, a lost old one and a quarantine for violations", () => {
    const old = { slot: 0, version: "1.0.0" };
    const next = { slot: 1, version: "2.0.0" };
    equal(problemOf([old, next]), undefined);
    equal(problemOf([old, { slot: 1, fault: "image: checksum" }]), "ota_1 runs, and is not whole: image: checksum");
    equal(problemOf([{ slot: 0 }, next]), "slot 0 holds nothing; expected 1.0.0, whole");
    equal(problemOf([old, next], ["0011"]), "in quarantine: 0011; expected nothing");
  });
});
