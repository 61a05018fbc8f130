/** The words of `holdfast ota`: keys, pack, sign, verify. What they do is loaded when it is asked for. */
import { type Command, InvalidArgumentError } from "commander";
import type { PackOptions, SignOptions, VerifyOptions } from "./options.js";

const UINT32_MAX = 0xffff_ffff;

function uint32(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= UINT32_MAX) return value;
  throw new InvalidArgumentError(`Expected a whole number up to ${UINT32_MAX}.`);
}

/** "3" or "2-5". */
function revisions(text: string): readonly [number, number] {
  const match = /^(\d+)(?:-(\d+))?$/.exec(text);
  if (!match) throw new InvalidArgumentError("Expected a revision or a range: 3, 2-5.");
  const least = uint32(match[1]!);
  const greatest = match[2] === undefined ? least : uint32(match[2]);
  if (greatest < least) throw new InvalidArgumentError("Expected the least revision first.");
  return [least, greatest];
}

/** A date as ISO 8601 has it, in seconds. */
function time(text: string): number {
  const seconds = Math.floor(Date.parse(text) / 1000);
  if (seconds >= 0 && seconds <= UINT32_MAX) return seconds;
  throw new InvalidArgumentError("Expected a time, such as 2027-01-31 or 2027-01-31T12:00:00Z.");
}

/** Adds `ota` and its own commands. */
export function addOta(program: Command): void {
  const ota = program.command("ota").description("sign updates: make keys, sign releases and deployments, look at both");
  ota
    .command("keys")
    .description("make the key of one role: FILE for its owner alone, FILE.pub for the firmware and for verify")
    .argument("<file>", "a new file; nothing is ever overwritten")
    .action(async (file: string) => {
      const { keysCommand } = await import("./keys.js");
      process.exitCode = keysCommand(file);
    });
  ota
    .command("pack")
    .description("sign an image as a release, with the release key")
    .argument("<image>", "an application image, as it will stand in the slot")
    .requiredOption("--key <file>", "the release key")
    .requiredOption("--vendor <name>", "whose devices it is for")
    .requiredOption("--class <name>", "the kind of device that it is for")
    .requiredOption("--sequence <number>", "grows with every release of the class", uint32)
    .option("--image-version <text>", "for people (default: the image's own)")
    .option("--hardware <range>", "the hardware revisions that it is for, as 3 or 2-5 (default: all)", revisions)
    .option("--security <number>", "the security version", uint32, 0)
    .option("--expires <time>", "when nobody may install it any more (default: never)", time)
    .option("--replaces <image>", "the only image that it may replace (default: any)")
    .option("--next-key <file>", "the public key that signs the releases after this one")
    .option("--out <file>", "the signed release", "out/release.cose")
    .action(async (image: string, options: PackOptions) => {
      const { packCommand } = await import("./pack.js");
      process.exitCode = await packCommand(image, options);
    });
  ota
    .command("sign")
    .description("sign a deployment of a release, with the deploy key, and put both together")
    .argument("<release>", "a signed release, as pack makes it")
    .requiredOption("--key <file>", "the deploy key")
    .requiredOption("--sequence <number>", "grows with every deployment", uint32)
    .option("--issued <time>", "the time of issue (default: now)", time)
    .option("--days <number>", "how long it is good", uint32, 7)
    .option("--device <name>", "the only device that it is for (default: all of the class)")
    .option("--revoke-below <number>", "releases with a smaller sequence number are revoked", uint32)
    .option("--out <file>", "the update", "out/update.cose")
    .action(async (release: string, options: SignOptions) => {
      const { signCommand } = await import("./sign.js");
      process.exitCode = await signCommand(release, options);
    });
  ota
    .command("verify")
    .description("say what an update is, and whether both signatures are right")
    .argument("<update>", "an update, as sign makes it")
    .requiredOption("--release-key <file>", "the release key's public half")
    .requiredOption("--deploy-key <file>", "the deploy key's public half")
    .option("--image <file>", "an image, to hold against the release")
    .action(async (update: string, options: VerifyOptions) => {
      const { verifyCommand } = await import("./verify.js");
      process.exitCode = verifyCommand(update, options);
    });
}
