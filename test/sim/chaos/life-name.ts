/**
 * The name of a life, which is all that it takes to live it again: CONFIGURATION:SEED:FAULTS.
 *
 * As "3:77:12:words,30:panic"; a life that tells another story than a good update has it behind the configuration, as
 * "3/crashAtStart:77:12:before". No name, no finding: the same name gives the same trace in any process.
 */
import { type Fault, formatFaults, parseFaults } from "../../../hosts/node/chaos/fault.js";
import { CONFIGURATIONS } from "./configuration.js";
import { isStory, type Story } from "./story.js";

export interface LifeName {
  /** Its number in the list. */
  readonly configuration: number;
  readonly story: Story;
  /** Of what chance decides within a fault. */
  readonly seed: number;
  readonly faults: readonly Fault[];
}

export function formatLifeName({ configuration, story, seed, faults }: LifeName): string {
  return `${configuration}${story === "good" ? "" : `/${story}`}:${seed}:${formatFaults(faults)}`;
}

/** What formatLifeName writes. Throws for anything else. */
export function parseLifeName(text: string): LifeName {
  const [, configuration, story = "good", seed, faults] = /^(\d+)(?:\/([\w-]+))?:(\d+):(.*)$/.exec(text) ?? [];
  if (configuration === undefined || !isStory(story) || CONFIGURATIONS[Number(configuration)] === undefined) {
    throw new TypeError(
      `life "${text}": expected a configuration below ${CONFIGURATIONS.length}, a seed and faults, as "3:77:12:words"`,
    );
  }
  return { configuration: Number(configuration), story, seed: Number(seed), faults: parseFaults(faults!) };
}
