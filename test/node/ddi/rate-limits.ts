/** How often a controller may ask and how fast a body goes, with the time in the hand of the spec. */
import { PacedBody } from "../../../hosts/node/ddi/paced-body.js";
import { RateLimit } from "../../../hosts/node/ddi/rate-limit.js";
import { equal } from "../../harness/expect.js";
import { afterEach, beforeEach, describe, it } from "../../harness/spec.js";
import { ask, Bench, OFFER } from "./bench.js";

describe("DDI server: requests a minute", () => {
  let bench: Bench;
  let nowMs: number;
  const poll = (controllerId: string) => ask(bench.port, "GET", bench.path("", controllerId));

  beforeEach(async () => {
    nowMs = 1_000_000;
    bench = await new Bench({ requestsPerMinute: 3, now: () => nowMs }).open();
    bench.server.deploy(OFFER);
  });
  afterEach(() => bench.close());

  it("are counted for each controller, whatever it asks for; one more is 429 and says when it may come again", async () => {
    const statuses = [
      (await bench.get()).status,
      (await bench.get("/deploymentBase/1")).status,
      (await bench.get("/deploymentBase/9")).status,
    ];
    equal(statuses, [200, 200, 404]);
    nowMs += 20_001;
    const reply = await bench.get();
    equal([reply.status, reply.headers["retry-after"]], [429, "40"]);
    equal(JSON.parse(reply.text), { message: "3 requests in this minute already; the next in 40 s" });
    equal((await poll("other")).status, 200, "another controller");
    equal(bench.server.controllers.get("CONTROLLER_ID")?.pollCount, 1);
    nowMs += 39_998;
    equal((await bench.get()).headers["retry-after"], "1");
    nowMs += 1;
    equal((await bench.get()).status, 200);
  });

  it("are all there again when the period is over, and not a millisecond before", () => {
    const limit = new RateLimit({ countMax: 2, periodMs: 1000, now: () => nowMs });
    equal([limit.take(), limit.take(), limit.take()], [0, 0, 1000]);
    nowMs += 999;
    equal(limit.take(), 1);
    nowMs += 1;
    equal([limit.take(), limit.take(), limit.take()], [0, 0, 1000]);
  });

  it("are not taken off again by a clock that is set back", () => {
    const limit = new RateLimit({ countMax: 1, periodMs: 1000, now: () => nowMs });
    equal([limit.take(), limit.take()], [0, 1000]);
    nowMs -= 500;
    equal([limit.take(), limit.take()], [0, 1000], "a new window, of a whole period");
  });
});

/** A network and a time that do as they are told. */
class Stage {
  readonly written: number[] = [];
  readonly lines: string[] = [];
  #onWritten: (() => void) | undefined;
  #onWaited: (() => void) | undefined;

  open(sizeBytes: number, bytesPerSecond: number): PacedBody {
    return new PacedBody({
      bytes: new Uint8Array(sizeBytes),
      bytesPerSecond,
      write: (slice, onWritten) => {
        this.lines.push(`write ${slice.length}`);
        this.#onWritten = onWritten;
      },
      end: () => this.lines.push("end"),
      wait: (callback, delayMs) => {
        this.lines.push(`wait ${delayMs}`);
        this.#onWaited = callback;
        return () => this.lines.push("undone");
      },
      onSlice: (size) => this.written.push(size),
    });
  }

  flush(): void {
    this.#onWritten?.();
  }

  elapse(): void {
    this.#onWaited?.();
  }
}

describe("DDI server: bytes a second", () => {
  it("waits for the network, then for the time that the slice may take", () => {
    const stage = new Stage();
    stage.open(10_000, 16_384);
    for (let count = 0; count < 3; count++) {
      stage.flush();
      stage.elapse();
    }
    equal(stage.lines, ["write 4096", "wait 250", "write 4096", "wait 250", "write 1808", "wait 110.3515625", "end"]);
    equal(stage.written, [4096, 4096, 1808]);
  });

  it("sends a slow body in slices of a quarter of a second, and at least a byte", () => {
    const stage = new Stage();
    stage.open(1000, 400);
    stage.flush();
    equal(stage.lines, ["write 100", "wait 250"]);
    const slower = new Stage();
    slower.open(2, 1);
    slower.flush();
    equal(slower.lines, ["write 1", "wait 1000"]);
  });

  it("without a limit waits for the network alone", () => {
    const stage = new Stage();
    stage.open(8192, Number.POSITIVE_INFINITY);
    stage.flush();
    stage.flush();
    equal(stage.lines, ["write 4096", "write 4096", "end"]);
  });

  it("closed, it writes nothing more, whatever is still to come", () => {
    const waiting = new Stage();
    const body = waiting.open(8192, 16_384);
    waiting.flush();
    body.close();
    body.close();
    waiting.elapse();
    equal(waiting.lines, ["write 4096", "wait 250", "undone"]);
    const writing = new Stage();
    writing.open(8192, 16_384).close();
    writing.flush();
    equal(writing.lines, ["write 4096"]);
  });
});
