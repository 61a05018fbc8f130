/**
 * The specs of the ESP32's native part as a firmware: its `main` runs them all and says a line for each start and end.
 *
 * It runs on the desktop engine, in a program that holds the C file itself over mocks of ESP-IDF (test/esp32/mock). The
 * engine's object `native` carries both, and nothing else of a host is there: no flash, no timer, no network.
 */
import { runSpecs } from "../xs/runner.js";
import { type EngineNative, setNative } from "./mocked-chip.js";

export default function main(options: { readonly native: EngineNative; readonly say: (line: string) => void }): void {
  const { native, say } = options;
  setNative(native);
  const reporter = {
    onStart: (title: string) => say(`start ${title}`),
    onPass: (title: string) => say(`pass ${title}`),
    onFail: (title: string, message: string) => say(`fail ${title}\n${message}`),
    onSkip: (title: string) => say(`skip ${title}`),
  };
  void runSpecs(reporter, new Set()).then(() => say("end"));
}
