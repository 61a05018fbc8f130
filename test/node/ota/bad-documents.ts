/** A document of the update server that is not there, has no end, or says nothing of use: the poll, the action, the update. */

import { equal, ok } from "../../harness/expect.js";
import type { ScriptedAnswer } from "../../harness/scripted-server.js";
import { describe, it } from "../../harness/spec.js";
import { SETTINGS } from "./firmware.js";
import { ORIGIN, type Subject } from "./fleet.js";
import { makeImage, type Rig, startedRig } from "./rig.js";
import { endureFailures } from "./unimpressed.js";

const IMAGE = makeImage("2.0.0");

/** The documents of a round, each with the largest size that is taken, and how many requests come up to it. */
const DOCUMENTS = [
  { subject: "poll", sizeBytesMax: 8192, requestCount: 1 },
  { subject: "deployment", sizeBytesMax: 8192, requestCount: 2 },
  { subject: "update", sizeBytesMax: 4096, requestCount: 3 },
] as const;

/** 2.0.0 is offered, and the server says `answer` for one of its documents. */
function spoil(subject: Subject, answer: ScriptedAnswer): (rig: Rig) => void {
  return (rig) => {
    rig.offer(IMAGE, { version: "2.0.0" });
    rig.fleet.meddle = (asked, good) => (asked === subject ? answer : good());
  };
}

type BadAnswer = readonly [name: string, answer: ScriptedAnswer, because: string];

const ANY_DOCUMENT: readonly BadAnswer[] = [
  ["is not there", { status: 404 }, "the server answered 404; expected 200"],
  ["meets a broken server", { status: 500 }, "the server answered 500; expected 200"],
  [
    "is elsewhere",
    { status: 302, headers: { location: "http://elsewhere.example.com/" } },
    "the server answered 302; expected 200",
  ],
  ["has no content", { status: 204 }, "the server answered 204; expected 200"],
  ["meets no server", { end: "refuse" }, "the connection was refused"],
  ["never comes", { body: "{", end: "stall" }, "the server took longer than it may"],
  ["breaks off", { body: "{}", sentBytes: 1, end: "reset" }, "the connection was reset"],
  [
    "comes a byte a second",
    { body: " ".repeat(100), chunkSizeBytes: 1, chunkPeriodMs: 1000 },
    "the server took longer than it may",
  ],
];

/** What JSON documents may be wrong in. */
const ANY_JSON: readonly BadAnswer[] = [
  ["is empty", { body: "" }, "expected a JSON text"],
  ["is a web page", { body: "<html>log in</html>" }, "expected a JSON text"],
  ["is half of one", { body: '{"id":"1","deploy' }, "expected a JSON text"],
  ["is nested deeply", { body: "[".repeat(5000) + "]".repeat(3000) }, "expected at most 16 levels of nesting"],
];

for (const { subject, sizeBytesMax, requestCount } of DOCUMENTS) {
  describe(`the ${subject} of a server`, () => {
    for (const [name, answer, because] of ANY_DOCUMENT) {
      it(`that ${name}`, () => void endureFailures({ because, setUp: spoil(subject, answer) }, { requestCount }));
    }

    it("that announces more than it may have", () => {
      const setUp = spoil(subject, { body: " ".repeat(sizeBytesMax + 1) });
      const because = `${subject}: ${sizeBytesMax + 1} bytes are announced, expected at most ${sizeBytesMax}`;
      endureFailures({ because, setUp }, { requestCount });
    });

    it("that has no end", () => {
      const body = new Uint8Array(60_000).fill(0x5b);
      const setUp = spoil(subject, { body, contentLength: "none", chunkSizeBytes: 300 });
      const rig = endureFailures({ because: `${subject}: expected at most ${sizeBytesMax} bytes`, setUp }, { requestCount });
      const largest = Math.max(...rig.traffic.requests.slice(0, 5 * requestCount).map(({ readBytes }) => readBytes));
      ok(largest > sizeBytesMax && largest <= sizeBytesMax + 1024, `${largest} bytes were read of one`);
    });
  });
}

for (const { subject, requestCount } of DOCUMENTS.slice(0, 2)) {
  describe(`the ${subject} of a server, in JSON`, () => {
    for (const [name, answer, because] of ANY_JSON) {
      it(`that ${name}`, () => {
        endureFailures({ because: `${subject}: ${because}`, setUp: spoil(subject, answer) }, { requestCount });
      });
    }
  });
}

/** Links that lead somewhere else, or nowhere; what the device expects instead. */
const LINKS: readonly (readonly [href: string, because: string])[] = [
  ["http://elsewhere.example.com:80/x", `leads to http://elsewhere.example.com:80/x, expected ${ORIGIN}`],
  ["https://updates.example.com/x", `leads to https://updates.example.com/x, expected ${ORIGIN}`],
  ["http://updates.example.com:81/x", `leads to http://updates.example.com:81/x, expected ${ORIGIN}`],
  [
    "http://updates.example.com:80@elsewhere.example.com/x",
    `leads to http://updates.example.com:80@elsewhere.example.com/x, expected ${ORIGIN}`,
  ],
  ["//elsewhere.example.com/x", `leads to //elsewhere.example.com/x, expected ${ORIGIN}`],
  ["ftp:x", `leads to ftp:x, expected ${ORIGIN}`],
  ["file://updates.example.com/x", `leads to file://updates.example.com/x, expected ${ORIGIN}`],
  ["/a b", "expected at most 512 printable characters without blanks"],
  ["/a\r\nhost: b", "expected at most 512 printable characters without blanks"],
  [`/${"a".repeat(512)}`, "expected at most 512 printable characters without blanks"],
];

describe("a link", () => {
  for (const [href, because] of LINKS) {
    it(`of a poll to ${JSON.stringify(href.slice(0, 60))} is not followed`, () => {
      const body = JSON.stringify({ _links: { deploymentBase: { href } } });
      endureFailures({ because: `link: ${because}`, setUp: spoil("poll", { body }) }, { requestCount: 1 });
    });
  }

  it("of an artifact to another server is not followed", () => {
    const href = "http://elsewhere.example.com:80/update.cose";
    const artifacts = [{ filename: "update.cose", size: 700, _links: { "download-http": { href } } }];
    const body = JSON.stringify({ id: "1", deployment: { chunks: [{ artifacts }] } });
    const because = `link: leads to ${href}, expected ${ORIGIN}`;
    endureFailures({ because, setUp: spoil("deployment", { body }) }, { requestCount: 2 });
  });
});

describe("an action", () => {
  const broken: readonly (readonly [name: string, document: object, because: string])[] = [
    ["without an id", { deployment: {} }, "expected an id and a deployment"],
    ["whose id leads elsewhere", { id: "../1", deployment: {} }, "expected an id and a deployment"],
    ["without a deployment", { id: "1" }, "expected an id and a deployment"],
    [
      "of an artifact without a name",
      { id: "1", deployment: { chunks: [{ artifacts: [{ size: 1 }] }] } },
      "an artifact without name, size or link; expected all three",
    ],
  ];
  it("of more artifacts than it may have is a round that fails", () => {
    const artifact = { filename: "a", size: 1, _links: { download: { href: "/a" } } };
    const body = JSON.stringify({ id: "1", deployment: { chunks: [{ artifacts: Array(17).fill(artifact) }] } });
    const because = "deployment: expected at most 16 artifacts";
    endureFailures({ because, setUp: spoil("deployment", { body }) }, { requestCount: 2 });
  });

  for (const [name, document, because] of broken) {
    it(`${name} is a round that fails`, () => {
      const setUp = spoil("deployment", { body: JSON.stringify(document) });
      endureFailures({ because: `deployment: ${because}`, setUp }, { requestCount: 2, roundMsMax: SETTINGS.stallTimeoutMs });
    });
  }
});

describe("a poll between two chunks", () => {
  it("that is a web page, each time, is no fault of the image: the download goes on, or is left for later", () => {
    // Its action ended as failed at the second page, as if the image had been forged: a captive portal was enough.
    const rig = startedRig();
    const image = makeImage("2.0.0", { sectorCount: 14 });
    const path = rig.offer(image, { version: "2.0.0", answer: { chunkSizeBytes: 512, chunkPeriodMs: 375 } });
    ok(rig.device.runUntil(() => (rig.node?.updater()?.progress.receivedBytes ?? 0) > 8000, 60_000));
    rig.fleet.meddle = (subject, good) => (subject === "poll" ? { body: "<html>log in</html>" } : good());
    ok(rig.runUntilLine("armed", 200_000), rig.device.lines.join("\n"));
    equal([rig.linesWith("retrying").length, rig.linesWith("declined")], [3, []]);
    equal(rig.traffic.downloads(path).length, 4);
  });
});
