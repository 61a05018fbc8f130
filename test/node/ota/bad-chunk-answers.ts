/**
 * Answers to a request for a chunk that are not what was asked for: given up at once, because asking again would not help, and
 * begun anew by a later poll.
 */
import { equal, ok } from "../../harness/expect.js";
import type { ScriptedAnswer, ScriptedRequest } from "../../harness/scripted-server.js";
import { describe, it } from "../../harness/spec.js";
import { fileOf } from "./fleet.js";
import { makeImage, type Rig } from "./rig.js";
import { demandTraffic, endureFailures } from "./unimpressed.js";

const IMAGE = makeImage("2.0.0", { sectorCount: 10 });
const SIZE = IMAGE.length;
const GOOD = fileOf(IMAGE);
/** Requests of a round in front of the first for the image: poll, action, update, report. */
const BEFORE_COUNT = 4;

type Answer = (request: ScriptedRequest) => ScriptedAnswer;

/** What a good server says to the `from`th chunk and those behind it, with some of it changed. */
function changed(change: ScriptedAnswer, from = 1): Answer {
  return (request) => {
    const good = GOOD(request);
    const isChanged = Number(/\d+/.exec(request.headers.get("range") ?? "")) >= (from - 1) * 16_384;
    return isChanged ? { ...good, ...change, headers: { ...good.headers, ...change.headers } } : good;
  };
}

function without(header: string): Answer {
  return (request) => {
    const good = GOOD(request);
    const { [header]: _, ...headers } = good.headers ?? {};
    return { ...good, headers };
  };
}

/** Round after round, with `chunkCount` requests for the image in each; none is sent again. */
function demandRefusal(because: string, answer: Answer, chunkCount = 1): Rig {
  let path = "";
  const rig = endureFailures(
    {
      because: `download: ${because}`,
      setUp: (started) => {
        path = started.offer(IMAGE, { version: "2.0.0", answer });
      },
    },
    { requestCount: BEFORE_COUNT + chunkCount, roundMsMax: 5000 },
  );
  equal(rig.linesWith("retrying"), []);
  demandTraffic(rig, path, IMAGE, 6); // The sixth round is the one in which 3.0.0 was offered, or that before it.
  const before = `2.0.0, ${SIZE} bytes; the last attempt: download: ${because}`;
  ok(rig.fleet.reports().includes(`download none: ${before}`), "the next attempt says why the last one failed");
  return rig;
}

describe("a chunk is not taken from a server that", () => {
  const statuses: readonly (readonly [name: string, answer: ScriptedAnswer])[] = [
    ["sends the whole file", { status: 200 }],
    ["has no such file", { status: 404 }],
    ["has no such range", { status: 416 }],
    ["wants to know who asks", { status: 401 }],
    ["has it elsewhere", { status: 301, headers: { location: "http://elsewhere.example.com/image.bin" } }],
    ["has it elsewhere for now", { status: 307, headers: { location: "/image.bin" } }],
  ];
  for (const [name, answer] of statuses) {
    it(`${name}: ${answer.status}`, () => {
      const rig = demandRefusal(`the server answered ${answer.status}, expected 206`, changed(answer));
      equal(rig.traffic.to("/image.bin"), [], "no redirect is followed");
    });
  }

  const ranges: readonly (readonly [name: string, range: string])[] = [
    ["another range", `bytes 0-100/${SIZE}`],
    ["a later range", `bytes 16384-32767/${SIZE}`],
    ["a range of another file", `bytes 0-16383/${SIZE + 1}`],
    ["a range of a file of unknown size", "bytes 0-16383/*"],
  ];
  for (const [name, range] of ranges) {
    it(`sends ${name}`, () => {
      const because = `the server sends ${range}, expected bytes 0-16383/${SIZE}`;
      demandRefusal(because, changed({ headers: { "content-range": range } }));
    });
  }

  it("has a shorter file", () => {
    const because = `the server sends bytes 0-16383/30000, expected bytes 0-16383/${SIZE}`;
    demandRefusal(because, fileOf(IMAGE.subarray(0, 30_000)));
  });

  it("does not say which range it sends", () => {
    demandRefusal(`the server sends no content-range, expected bytes 0-16383/${SIZE}`, without("content-range"));
  });

  it("announces less than the range, or more", () => {
    for (const contentLength of [16_383, 16_385, SIZE]) {
      demandRefusal(`the server announces ${contentLength} bytes, expected 16384`, changed({ contentLength }));
    }
  });

  it("sends more than the range, without an announcement and without an end", () => {
    const body = new Uint8Array(100_000).fill(0xa5);
    body.set(IMAGE.subarray(0, 16_384));
    const rig = demandRefusal("the server sends more, expected what was asked for", changed({ body, contentLength: "none" }));
    for (const { readBytes } of rig.traffic.requests) ok(readBytes <= 16_384 + 4096, `${readBytes} bytes were read of one`);
  });

  it("names its file weakly, or not at all", () => {
    demandRefusal('the server names its file W/"1", expected a strong ETag', changed({ headers: { etag: 'W/"1"' } }));
    demandRefusal("the server names its file not at all, expected a strong ETag", without("etag"));
  });

  it("has another file by the second chunk", () => {
    const etag = GOOD({ method: "GET", path: "/", headers: new Map(), body: "" }).headers!["etag"];
    const rig = demandRefusal(
      `the server has another file, "2", expected ${etag}`,
      changed({ headers: { etag: '"2"' } }, 2),
      2,
    );
    equal(rig.traffic.requests.filter(({ range }) => range === "32768-39999").length, 0, "it goes no further");
  });

  it("says by If-Range that it has another file by the second chunk", () => {
    const other = fileOf(makeImage("2.0.0", { sectorCount: 10, marker: "another build" }));
    let requestCount = 0;
    const answer: Answer = (request) => (requestCount++ % 2 === 0 ? GOOD(request) : other(request));
    demandRefusal("the server answered 200, expected 206", answer, 2);
  });
});
