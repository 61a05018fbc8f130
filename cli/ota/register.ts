/** The words of `holdfast ota`: keys, pack, sign, verify, serve. What they do is loaded when it is asked for. */
import { type Command, InvalidArgumentError } from "commander";
import type { PackOptions, ServeOptions, SignOptions, VerifyOptions } from "./options.js";

const UINT32_MAX = 0xffff_ffff;
const PORT_MAX = 65_535;
/** 23:59:59 */
const POLL_MAX_S = 86_399;

function uint32(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= UINT32_MAX) return value;
  throw new InvalidArgumentError(`Expected a whole number up to ${UINT32_MAX}.`);
}

/** A reader of whole numbers between two. */
function between(least: number, greatest: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= greatest) return value;
    throw new InvalidArgumentError(`Expected a whole number, ${least} … ${greatest}.`);
  };
}

/** What may stand in a path as it is. */
function tenant(text: string): string {
  if (/^[A-Za-z0-9._~-]{1,40}$/.test(text)) return text;
  throw new InvalidArgumentError("Expected letters, digits and . _ ~ - only, at most 40.");
}

function notEmpty(text: string): string {
  if (text !== "") return text;
  throw new InvalidArgumentError("Expected something.");
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
  const ota = program
    .command("ota")
    .description("sign updates and serve them: make keys, sign releases and deployments, look at both, offer them to devices");
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
  addServe(ota);
}

function addServe(ota: Command): void {
  ota
    .command("serve")
    .description("offer an update and its image to devices that poll (hawkBit's DDI), until Ctrl-C")
    .argument("<update>", "an update, as sign makes it")
    .argument("<image>", "the image that it names")
    .option("--port <number>", "0 for a free one", between(0, PORT_MAX), 8080)
    .option("--host <address>", "where to listen", "127.0.0.1")
    .option("--tenant <name>", "the first word of every path", tenant, "DEFAULT")
    .option("--poll <seconds>", "the period that devices are told (default: their own)", between(1, POLL_MAX_S))
    .option("--token <text>", "what devices have to send as TargetToken (default: nothing)", notEmpty)
    .option("--rate <bytes>", "artifacts, a second and response (default: no limit)", between(1, UINT32_MAX))
    .option("--requests <number>", "of each device, a minute (default: no limit)", between(1, UINT32_MAX))
    .option("--confirm", "wait for the device's consent")
    .option("--tls-key <file>", "the private key, in PEM; https then")
    .option("--tls-cert <file>", "its certificate, in PEM")
    .action(async (update: string, image: string, options: ServeOptions, command: Command) => {
      if ((options.tlsKey === undefined) !== (options.tlsCert === undefined)) {
        command.error(`--tls-${options.tlsKey === undefined ? "cert" : "key"} is alone; expected --tls-key and --tls-cert`);
      }
      const { serveCommand } = await import("./serve.js");
      process.exitCode = await serveCommand(update, image, options);
    });
}
