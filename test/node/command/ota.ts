/** `holdfast ota` as a person meets it: from two keys to an update, and what it refuses on the way. */
import { chmodSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseSign1 } from "../../../src/ota/cose-sign1.js";
import { parseDeployment, parseEnvelope, parseRelease } from "../../../src/ota/manifest.js";
import { equal, ok } from "../../harness/expect.js";
import { after, before, describe, it } from "../../harness/spec.js";
import { smallImage } from "../../spec/image/small-image.js";
import { CommandLine } from "./command-line.js";

const OWNER_ONLY = 0o600;
const image = smallImage({ payload: new Uint8Array(20_000) });

describe("command: ota", () => {
  const line = new CommandLine();
  const path = (name: string): string => join(line.folder, name);
  const bytesOf = (name: string): Uint8Array => new Uint8Array(readFileSync(path(name)));
  const pack = (...more: string[]) =>
    line.run([
      "ota",
      "pack",
      "fw.bin",
      "--key",
      "release",
      "--vendor",
      "example.com",
      "--class",
      "node",
      "--sequence",
      "4",
      ...more,
    ]);
  const sign = (...more: string[]) =>
    line.run(["ota", "sign", "out/release.cose", "--key", "deploy", "--sequence", "9", "--issued", "2026-11-24", ...more]);
  const verify = (...more: string[]) =>
    line.run(["ota", "verify", "out/update.cose", "--release-key", "release.pub", "--deploy-key", "deploy.pub", ...more]);

  before(async () => {
    writeFileSync(path("fw.bin"), image);
    writeFileSync(path("other.bin"), smallImage({ payload: new Uint8Array(8) }));
    for (const role of ["release", "deploy"]) equal((await line.run(["ota", "keys", role])).exitCode, 0);
  });
  after(() => line.close());

  it("makes keys for their owner alone, and never overwrites one", async () => {
    equal(statSync(path("release")).mode & 0o777, OWNER_ONLY);
    const key = readFileSync(path("release"), "utf8");
    const again = await line.run(["ota", "keys", "release"]);
    equal(
      [again.exitCode, again.stderr],
      [1, "holdfast: release: is there already; expected a new file: a key is never overwritten\n"],
    );
    equal(readFileSync(path("release"), "utf8"), key);
  });

  it("goes from an image to an update that verifies, and says what it is", async () => {
    const packed = await pack("--hardware", "2-5", "--security", "3", "--image-version", "2.0.0", "--replaces", "other.bin");
    equal([packed.exitCode, packed.stderr], [0, ""]);
    const signed = await sign("--days", "3", "--device", "A1", "--revoke-below", "2");
    equal([signed.exitCode, signed.stderr], [0, ""]);
    const parts = parseEnvelope(bytesOf("out/update.cose"));
    const release = parseRelease(parseSign1(parts.release).payload);
    equal(
      [
        release.sequenceNumber,
        release.version,
        release.securityVersion,
        release.hardwareRevisionMin,
        release.hardwareRevisionMax,
      ],
      [4, "2.0.0", 3, 2, 5],
    );
    const deployment = parseDeployment(parseSign1(parts.deployment).payload);
    equal([deployment.sequenceNumber, deployment.device, deployment.releaseSequenceFloor], [9, "A1", 2]);
    equal(deployment.expiresS - deployment.issuedS, 3 * 86_400);
    const verified = await verify("--image", "fw.bin");
    equal(verified.exitCode, 0, verified.stderr);
    for (const text of ["4: example.com node 2.0.0", "2 … 5", "A1", "releases below 2", "right, both"]) {
      ok(verified.stdout.includes(text), `${text} in ${verified.stdout}`);
    }
  });

  it("finds a wrong key, a changed byte and another image", async () => {
    equal([(await pack()).exitCode, (await sign()).exitCode], [0, 0]);
    const swapped = await line.run([
      ..."ota verify out/update.cose --release-key deploy.pub --deploy-key deploy.pub".split(" "),
    ]);
    ok(
      swapped.exitCode === 1 && /the release is signed by key [0-9a-f]{16}; expected [0-9a-f]{16}/.test(swapped.stderr),
      swapped.stderr,
    );
    const other = await verify("--image", "other.bin");
    ok(other.exitCode === 1 && other.stderr.includes("other.bin is not the image of the release"), other.stderr);
    const bytes = bytesOf("out/update.cose");
    bytes[bytes.length - 1]! ^= 1;
    writeFileSync(path("out/update.cose"), bytes);
    const changed = await verify();
    ok(changed.exitCode === 1 && changed.stderr.includes("the deployment is signed by key"), changed.stderr);
  });

  it("refuses, in one line, what it cannot sign", async () => {
    const refusals: readonly (readonly [words: readonly string[], exitCode: number, stderr: RegExp])[] = [
      [["--vendor", "a\tb"], 1, /vendor is not usable, expected 1 … 48 printable ASCII/],
      [["--hardware", "5-2"], 2, /Expected the least revision first/],
      [["--sequence", "-1"], 2, /Expected a whole number up to 4294967295/],
      [["--expires", "soon"], 2, /Expected a time, such as 2027-01-31/],
      [["--key", "deploy.pub"], 1, /deploy\.pub: is a public key; expected the private half/],
      [["--key", "junk.key"], 1, /junk\.key: holds no usable key; expected one on P-256, in PEM/],
      [["--key", "nowhere"], 1, /nowhere: .*; expected a key file/],
      [["--key", "lent"], 1, /lent: has the mode 0640, others may use it; expected 0600/],
    ];
    writeFileSync(path("junk.key"), "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", { mode: 0o600 });
    writeFileSync(path("lent"), readFileSync(path("release")));
    chmodSync(path("lent"), 0o640);
    for (const [words, exitCode, stderr] of refusals) {
      const run = await pack(...words);
      ok(
        run.exitCode === exitCode && stderr.test(run.stderr) && run.stderr.split("\n").length === 2,
        `${words}: ${run.stderr}`,
      );
    }
    writeFileSync(path("junk.bin"), new Uint8Array(100));
    const junk = await line.run(["ota", "sign", "junk.bin", "--key", "deploy", "--sequence", "1"]);
    ok(junk.exitCode === 1 && /^holdfast: junk\.bin: cbor: /.test(junk.stderr), junk.stderr);
    const trailing = new Uint8Array([...image, 1]);
    writeFileSync(path("trailing.bin"), trailing);
    const run = await line.run([..."ota pack trailing.bin --key release --vendor v --class c --sequence 1".split(" ")]);
    ok(run.exitCode === 1 && /1 bytes behind its end, expected none/.test(run.stderr), run.stderr);
  });
});
