/**
 * Watchdogs with one fault each: what the suite of the WatchdogTimer port must notice. Each extends a right one whose hardware
 * can be stopped.
 */
import { FirmwareError } from "../../../src/errors.js";
import type { WatchdogTimer, WatchdogTimerConstructor, WatchdogTimerOptions } from "../../../src/ports/watchdog-timer.js";
import type { Broken } from "../../harness/port-suite.js";
import type { WatchdogTimerSubject } from "../watchdog-timer.js";

type Open = () => WatchdogTimerSubject;
type Right = WatchdogTimerConstructor;

function withFault(open: Open, derive: (right: Right) => Right): Open {
  return () => {
    const subject = open();
    return { ...subject, WatchdogTimer: derive(subject.WatchdogTimer) };
  };
}

function withTimeout(open: Open, change: (timeoutMs: number) => number): Open {
  return withFault(
    open,
    (Right) =>
      class extends Right {
        constructor(options: WatchdogTimerOptions) {
          super({ timeoutMs: change(options.timeoutMs) });
        }
      },
  );
}

function withClose(open: Open, close: (right: () => void, watchdog: WatchdogTimer) => void): Open {
  return withFault(
    open,
    (Right) =>
      class extends Right {
        override close(): void {
          close(() => super.close(), this);
        }
      },
  );
}

/** A second instance closes the first without a word. */
function takesOver(Right: Right): Right {
  let open: WatchdogTimer | undefined;
  return class extends Right {
    constructor(options: WatchdogTimerOptions) {
      open?.close();
      super(options);
      open = this;
    }
  };
}

/** Starts the hardware before it looks at the options, and leaves it running when it refuses them. */
function startsFirst(Right: Right): Right {
  let started = false;
  return class extends Right {
    constructor(options: WatchdogTimerOptions) {
      if (!(options.timeoutMs >= 100 && options.timeoutMs <= 120_000)) {
        if (!started) new Right({ timeoutMs: 120_000 });
        started = true;
        throw new FirmwareError("invalid", "WatchdogTimer: timeout out of bounds, expected 100 … 120000");
      }
      super(options);
    }
  };
}

function marksTheOptions(Right: Right): Right {
  return class extends Right {
    constructor(options: WatchdogTimerOptions) {
      super(options);
      Reflect.set(options, "used", true);
    }
  };
}

/** Feeding reads the timeout from the options again. */
function keepsTheOptions(Right: Right): Right {
  return class implements WatchdogTimer {
    readonly #options: WatchdogTimerOptions;
    #right: WatchdogTimer;
    constructor(options: WatchdogTimerOptions) {
      this.#right = new Right(options);
      this.#options = options;
    }
    feed(): void {
      this.#right.close();
      this.#right = new Right(this.#options);
    }
    close(): void {
      this.#right.close();
    }
  };
}

/** A close stops the hardware, whoever feeds it now. */
function closesTheNext(Right: Right): Right {
  let latest: WatchdogTimer | undefined;
  return class implements WatchdogTimer {
    readonly #right: WatchdogTimer;
    constructor(options: WatchdogTimerOptions) {
      this.#right = new Right(options);
      latest = this.#right;
    }
    feed(): void {
      this.#right.feed();
    }
    close(): void {
      latest?.close();
    }
  };
}

function brokenOpening(open: Open): readonly Broken<WatchdogTimerSubject>[] {
  const options = "take frozen options, leave open ones as they are and not look at them later";
  return [
    {
      must: "throw invalid for a timeout out of bounds, and start nothing",
      fault: "takes the nearest timeout within the bounds",
      open: withTimeout(open, (timeoutMs) => Math.min(Math.max(timeoutMs || 0, 100), 120_000)),
    },
    {
      must: "throw invalid for a timeout out of bounds, and start nothing",
      fault: "starts before it looks at the options",
      open: withFault(open, startsFirst),
    },
    {
      must: "throw busy for a second instance, and leave the first alone",
      fault: "takes over from the first",
      open: withFault(open, takesOver),
    },
    {
      must: "open again after close",
      fault: "stays busy",
      open: withClose(open, () => {}),
    },
    { must: options, fault: "marks the options as used", open: withFault(open, marksTheOptions) },
    { must: options, fault: "reads the options again when fed", open: withFault(open, keepsTheOptions) },
  ];
}

/** `open` gives a right watchdog whose hardware can be stopped. */
export function brokenWatchdogTimers(open: Open): readonly Broken<WatchdogTimerSubject>[] {
  return [
    {
      must: "restart the chip once it is unfed for the timeout, and not earlier",
      fault: "bites at three quarters",
      open: withTimeout(open, (timeoutMs) => 0.75 * timeoutMs),
    },
    {
      must: "restart the chip once it is unfed for the timeout, and not earlier",
      fault: "never bites",
      open: () => ({ ...open(), biteCount: () => 0 }),
    },
    {
      must: "start the count anew when fed",
      fault: "cannot be fed",
      open: withFault(
        open,
        (Right) =>
          class extends Right {
            override feed(): void {}
          },
      ),
    },
    {
      must: "take timeouts of 100 and 120,000 ms",
      fault: "counts in 16 bits",
      open: withTimeout(open, (timeoutMs) => Math.min(timeoutMs, 0xffff)),
    },
    ...brokenOpening(open),
    {
      must: "stop at close, or bite where the hardware cannot be stopped",
      fault: "says that it can be stopped and cannot",
      open: withClose(open, () => {}),
    },
    {
      must: "throw closed at feed after close",
      fault: "feeds the hardware after close",
      open: withClose(open, (_right, watchdog) => watchdog.feed()),
    },
    {
      must: "do nothing at a second close, least of all to the next instance",
      fault: "stops the next instance",
      open: withFault(open, closesTheNext),
    },
    {
      must: "do nothing at a second close, least of all to the next instance",
      fault: "throws at the second close",
      open: withClose(open, (right, watchdog) => {
        watchdog.feed();
        right();
      }),
    },
  ];
}
