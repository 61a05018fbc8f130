/** What the doctor looks at in an application: whether a board's build takes its chip, partition table and sdkconfig. */
import { FirmwareError, messageOf } from "../../src/errors.js";
import { type Application, readApplication } from "../build/application.js";
import { packageFolder } from "../target/package-files.js";
import { readPartitions, shippedPartitions } from "../target/partitions.js";
import { flashOf, mergedSDKConfig } from "../target/prepare.js";
import { TARGET_NAMES, type TargetName } from "../target/target.js";
import { grouped } from "../terminal.js";
import type { Look } from "./check.js";

/** Nothing is written. Where the folder has no application that can be read, that is all there is to see. */
export function looksAtApplication(folder: string): readonly Look[] {
  let application: Application;
  try {
    application = readApplication(folder);
  } catch (error) {
    const look = (): string => {
      throw error;
    };
    return [{ name: "application", purposes: ["this application"], look, advice: "see the README: The command" }];
  }
  const advice = "or holdfast build --target stops at it";
  return [
    {
      name: "application",
      purposes: ["this application"],
      look: () => `${application.name} ${application.version} for ${targetOf(application)}`,
      advice: "other chips: a Moddable project of your own",
    },
    {
      name: "partition table",
      purposes: ["this application"],
      look: () => describePartitions(application),
      advice: `change it, ${advice}`,
    },
    {
      name: "sdkconfig",
      purposes: ["this application"],
      look: () => describeSDKConfig(application),
      advice: `change a line, ${advice}`,
    },
  ];
}

function targetOf({ chip }: Application): TargetName {
  const target = TARGET_NAMES.find((name) => name === chip);
  if (target === undefined) throw new FirmwareError("unsupported", `chip ${chip}; expected ${TARGET_NAMES.join(", ")}`);
  return target;
}

function describePartitions(application: Application): string {
  const flash = flashOf({ application });
  const own = application.esp32?.partitions;
  const { slotSizeBytes } = readPartitions(own ?? shippedPartitions(packageFolder(), flash), { flash });
  return `${own ?? `ours for ${flash}`}: two slots of ${grouped(slotSizeBytes)} bytes`;
}

/** A line may fit the one level and not the other: an application that is built at one of them is fine. */
function describeSDKConfig(application: Application): string {
  const target = targetOf(application);
  const own = application.esp32?.sdkconfig;
  const agreement = own === undefined ? "ours" : `${own} and ours agree`;
  const [full, basic] = [false, true].map((isBasic) =>
    complaintOf(() => mergedSDKConfig({ application, target, basic: isBasic })),
  );
  if (full === undefined) return basic === undefined ? agreement : `${agreement}, at the full level only: ${messageOf(basic)}`;
  if (basic === undefined) return `${agreement}, at the basic level only: ${messageOf(full)}`;
  throw full;
}

function complaintOf(merge: () => string): unknown {
  try {
    merge();
    return undefined;
  } catch (error) {
    return error;
  }
}
