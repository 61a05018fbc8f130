/** `holdfast story`: runs the story, shows it, draws it, and exits 0 only if each step ended as told. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { type HostName, processorOf } from "../host.js";
import { drawStory, drawTimeline } from "./drawing.js";
import { runStory } from "./story.js";
import { SilentTeller, summary, TerminalTeller } from "./teller.js";

export interface StoryCommandOptions {
  readonly app: string;
  readonly out: string;
  readonly json?: boolean;
  readonly host: HostName;
}

/** Gives the exit code. */
export async function storyCommand(options: StoryCommandOptions): Promise<number> {
  const folder = resolve(options.out);
  mkdirSync(folder, { recursive: true });
  const teller = options.json ? new SilentTeller() : new TerminalTeller();
  const processor = await processorOf(options.host);
  const report = await runStory({
    folder: resolve(options.app),
    file: join(folder, "story.flash"),
    teller,
    ...(processor ? { processor } : {}),
  });
  writeFileSync(join(folder, "story.html"), drawStory(report));
  writeFileSync(join(folder, "story.svg"), drawTimeline(report));
  if (options.json) console.log(JSON.stringify(report, undefined, 2));
  else console.log(`${summary(report)}\nThe timeline is drawn in ${join(options.out, "story.html")}`);
  return report.ok ? 0 : 1;
}
