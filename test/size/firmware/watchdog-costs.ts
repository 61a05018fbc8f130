/** What channels, their signs of life and the one place that feeds cost; and the feed of the host's own watchdog. */
import { type Channel, Scheduler, Watchdog } from "holdfast";
import type { XSHost } from "../../../hosts/xs/boot.js";
import type { Ruler } from "./ruler.js";
import { StandingTime } from "./standing-time.js";

const SIGN_COUNT = 1000;
const CHANNEL_COUNT = 4;
const TIMEOUT_MS = 60_000;
const CHECK_PERIOD_MS = 1000;
/** Nothing becomes late while time stands or is sent ahead. */
const MAX_MS = 1e12;

const hardware = Object.freeze({ feed: () => {}, close: () => {} });

/** Measures all of them. `host` lends its watchdog for one of the figures. */
export function measureWatchdog(ruler: Ruler, host: XSHost): void {
  const time = new StandingTime();
  const scheduler = new Scheduler({ clock: time.clock, Timer: time.Timer, taskCountMax: 2 });
  const watchdog = new Watchdog({
    timer: hardware,
    timeoutMs: TIMEOUT_MS,
    clock: time.clock,
    scheduler,
    retained: host.retainedMemory,
    channelCountMax: CHANNEL_COUNT,
    checkPeriodMs: CHECK_PERIOD_MS,
  });
  const options = ["one", "two", "three", "four"].map((name, index) => ({
    name,
    kind: index === 0 ? ("alive" as const) : ("progress" as const),
    maxMs: MAX_MS,
  }));
  const channels = new Array<Channel | undefined>(CHANNEL_COUNT).fill(undefined);
  ruler.perThing("channel", CHANNEL_COUNT, (index) => {
    channels[index] = watchdog.open(options[index]!);
  });
  scheduler.start();
  watchdog.start();
  const alive = channels[0]!;
  const counted = channels[1]!;
  let workCount = 0;
  ruler.perOperation("watchdog report", SIGN_COUNT, () => watchdog.report(alive));
  ruler.perOperation("watchdog progress", SIGN_COUNT, () => {
    workCount++;
    watchdog.progress(counted, workCount);
  });
  ruler.perOperation("watchdog check and feed at 4 channels", SIGN_COUNT, () => time.expire());
  const timer = new host.WatchdogTimer({ timeoutMs: TIMEOUT_MS });
  ruler.perOperation("feed of the host's watchdog", SIGN_COUNT, () => timer.feed());
}
