/** The portable specs on the SDK's XS: no host and no chip, one line a spec that fails and one at the end. */
import { runSpecs } from "../xs/runner.js";

declare const print: (line: string) => void;

export default async function main(): Promise<void> {
  let passedCount = 0;
  let failedCount = 0;
  await runSpecs(
    {
      onStart: () => {},
      onPass: () => {
        passedCount++;
      },
      onFail: (title, message) => {
        failedCount++;
        print(`fail ${title}: ${message}`);
      },
      onSkip: () => {},
    },
    new Set(),
  );
  print(`end ${passedCount} ${failedCount}`);
}
