/** Every no of the server: the status, what it says is wrong, and that nothing a client sends is answered with 500. */
import { createConnection } from "node:net";
import fc from "fast-check";
import { equal, ok } from "../../harness/expect.js";
import { afterEach, beforeEach, describe, it } from "../../harness/spec.js";
import { type Ask, ask, Bench, CONTROLLER, OFFER, report } from "./bench.js";

const PATHS: readonly (readonly [method: string, path: string, status: number, message: RegExp])[] = [
  ["GET", "/", 404, /no such resource; expected \/\{tenant\}\/controller\/v1\//],
  ["GET", "/DEFAULT/controller/v2/CONTROLLER_ID", 404, /no such resource/],
  ["GET", "/DEFAULT/controller/v1/", 404, /no such resource/],
  [
    "GET",
    "/DEFAULT/controller/v1/CONTROLLER_ID/nothing",
    404,
    /no such resource below \/DEFAULT\/controller\/v1\/CONTROLLER_ID/,
  ],
  ["GET", "/DEFAULT/controller/v1/CONTROLLER_ID/deploymentBase/1/feedback/more", 404, /no such resource/],
  ["GET", "/OTHER/controller/v1/CONTROLLER_ID", 404, /tenant "OTHER" is not known/],
  [
    "GET",
    "/DEFAULT/controller/v1/stranger/deploymentBase/1",
    404,
    /controller "stranger" is not known; expected one that has polled/,
  ],
  ["GET", "/DEFAULT/controller/v1/CONTROLLER_ID/deploymentBase/9", 404, /action 9 is none of the controller's/],
  ["GET", "/DEFAULT/controller/v1/CONTROLLER_ID/deploymentBase/01", 404, /action 01 is none/],
  [
    "GET",
    "/DEFAULT/controller/v1/CONTROLLER_ID/cancelAction/1",
    404,
    /action 1 is RUNNING, expected one that is to be canceled/,
  ],
  ["GET", "/DEFAULT/controller/v1/CONTROLLER_ID/installedBase/1", 404, /expected one that was installed/],
  ["GET", "/DEFAULT/controller/v1/CONTROLLER_ID/softwaremodules/9/artifacts", 404, /software module 9 is not assigned/],
  ["GET", "/DEFAULT/controller/v1/CONTROLLER_ID/softwaremodules/1/artifacts/none", 404, /has no artifact of that name/],
  ["GET", "/DEFAULT/controller/v1/CONTROLLER_ID/softwaremodules/1/artifacts/none.MD5SUM", 404, /has no artifact of that name/],
  ["GET", "/DEFAULT/controller/v1/CONTROLLER_ID/deploymentBase/x", 400, /^id: found "x", expected a number$/],
  ["GET", "/DEFAULT/controller/v1/CONTROLLER_ID/deploymentBase/1?actionHistory=few", 400, /^actionHistory: found "few"/],
  ["GET", "/DEFAULT/controller/v1/CONTROLLER_ID/deploymentBase/1?c=1.5", 400, /^c: found "1.5", expected a whole number$/],
  ["GET", "/DEFAULT/controller/v1/%ff", 400, /^path: found "%ff", expected percent-encoded UTF-8$/],
  ["GET", "/DEFAULT/controller/v1/a%0ab", 400, /^controller id: found "a\\nb", expected 1 … 256 characters/],
  ["GET", "/DEFAULT/controller/v1/%20a", 400, /^controller id/],
  ["GET", `/DEFAULT/controller/v1/${"a".repeat(257)}`, 400, /^controller id/],
];

/** What a resource takes, in the words of Allow, by what stands below the controller. */
const METHODS: readonly (readonly [below: string, allow: string])[] = [
  ["", "GET, HEAD"],
  ["/configData", "PUT"],
  ["/deploymentBase/1", "GET, HEAD"],
  ["/deploymentBase/1/feedback", "POST"],
  ["/cancelAction/1", "GET, HEAD"],
  ["/cancelAction/1/feedback", "POST"],
  ["/confirmationBase", "GET, HEAD"],
  ["/confirmationBase/1", "GET, HEAD"],
  ["/confirmationBase/1/feedback", "POST"],
  ["/confirmationBase/activateAutoConfirm", "POST"],
  ["/confirmationBase/deactivateAutoConfirm", "POST"],
  ["/installedBase/1", "GET, HEAD"],
  ["/softwaremodules/1/artifacts", "GET, HEAD"],
  ["/softwaremodules/1/artifacts/binary.tgz", "GET, HEAD"],
  ["/softwaremodules/1/artifacts/binary.tgz.MD5SUM", "GET, HEAD"],
];

/** Bodies of a feedback, and the field that is named. */
const BODIES: readonly (readonly [body: unknown, message: string])[] = [
  [[], "body: found an array, expected an object"],
  ["text", 'body: found "text", expected an object'],
  [null, "body: found nothing, expected an object"],
  [{}, "status: found nothing, expected an object"],
  [{ status: "closed" }, 'status: found "closed", expected an object'],
  [{ timestamp: "now", ...report("closed") }, 'timestamp: found "now", expected milliseconds since 1970'],
  [{ status: { result: { finished: "none" } } }, "status.execution: found nothing, expected one of closed, proceeding, "],
  [report("CLOSED"), 'status.execution: found "CLOSED", expected one of closed, proceeding, canceled, scheduled, rejected, '],
  [{ status: { execution: "closed" } }, "status.result: found nothing, expected an object"],
  [{ status: { execution: "closed", result: null } }, "status.result: found nothing, expected an object"],
  [
    { status: { execution: "closed", result: {} } },
    "status.result.finished: found nothing, expected one of success, failure, ",
  ],
  [report("closed", "maybe"), 'status.result.finished: found "maybe", expected one of success, failure, none'],
  [
    { status: { execution: "closed", result: { finished: "none", progress: {} } } },
    "status.result.progress.cnt: found nothing, expected a whole number of 32 bits",
  ],
  [
    { status: { execution: "closed", result: { finished: "none", progress: { cnt: 1, of: 2.5 } } } },
    "status.result.progress.of: found 2.5, expected a whole number of 32 bits",
  ],
  [report("closed", "none", { code: "200" }), 'status.code: found "200", expected a whole number of 32 bits'],
  [report("closed", "none", { code: 2 ** 31 }), "status.code: found 2147483648, expected"],
  [report("closed", "none", { details: "none" }), 'status.details: found "none", expected an array of texts'],
  [report("closed", "none", { details: ["a", 1] }), "status.details[1]: found 1, expected a text"],
];

describe("DDI server: refusals", () => {
  let bench: Bench;
  const feedback = (given: Ask) => ask(bench.port, "POST", bench.path("/deploymentBase/1/feedback"), given);
  const messageOf = (text: string): string => (JSON.parse(text) as { message: string }).message;

  beforeEach(async () => {
    bench = await new Bench({ bodySizeMaxBytes: 4000 }).open();
    await bench.get();
    bench.server.deploy(OFFER);
  });
  afterEach(() => bench.close());

  for (const [method, path, status, message] of PATHS) {
    it(`${status} for ${method} ${path.slice(0, 80)}`, async () => {
      const reply = await ask(bench.port, method, path);
      equal([reply.status, reply.headers["content-type"]], [status, "application/json"]);
      ok(message.test(messageOf(reply.text)), reply.text);
    });
  }

  it("405 for every method that a resource does not take, with Allow", async () => {
    for (const [below, allow] of METHODS) {
      const wrong = ["GET", "PUT", "POST", "DELETE", "PATCH", "OPTIONS"].filter((method) => !allow.includes(method));
      for (const method of wrong) {
        const reply = await ask(bench.port, method, bench.path(below));
        equal([reply.status, reply.headers["allow"]], [405, allow], `${method} ${below}`);
      }
    }
  });

  for (const [body, message] of BODIES) {
    it(`400 for ${JSON.stringify(body).slice(0, 70)}`, async () => {
      const reply = await feedback({ body: JSON.stringify(body) });
      equal([reply.status, JSON.parse(reply.text).errorCode], [400, "hawkbit.server.error.rest.body.notReadable"]);
      ok(messageOf(reply.text).startsWith(message), reply.text);
      equal(bench.server.feedback, []);
    });
  }

  it("400 for a body that is no JSON, no UTF-8, or nothing", async () => {
    for (const body of ["{", '{"status":', new Uint8Array([0x22, 0xff, 0x22]), ""]) {
      const reply = await feedback({ body });
      equal(reply.status, 400);
      ok(/^body: found \d+ bytes that are none, expected a JSON document$/.test(messageOf(reply.text)), reply.text);
    }
  });

  it("400 for a consent that is none, and for auto-confirmation in numbers", async () => {
    const consent = await bench.post("/confirmationBase/1/feedback", { confirmation: "yes" });
    equal([consent.status, messageOf(consent.text)], [400, 'confirmation: found "yes", expected one of confirmed, denied']);
    const auto = await bench.post("/confirmationBase/activateAutoConfirm", { initiator: 1 });
    equal([auto.status, messageOf(auto.text)], [400, "initiator: found 1, expected a text"]);
  });

  it("415 for another media type or a coded body, and none for one with parameters", async () => {
    const body = JSON.stringify(report("proceeding"));
    for (const mediaType of ["application/cbor", "application/hal+json", "text/plain", "application/jsonp", ""]) {
      const reply = await feedback({ body, headers: { "content-type": mediaType } });
      equal([reply.status, reply.headers["accept"]], [415, "application/json"], mediaType);
    }
    equal((await feedback({ body, headers: { "content-encoding": "gzip" } })).status, 415);
    equal((await feedback({ body, headers: { "content-type": "Application/JSON ; charset=UTF-8" } })).status, 200);
  });

  it("413 for a body over the bound, announced or not, and however long", async () => {
    const bodies = (sizeBytes: number) => ({ body: new Uint8Array(sizeBytes).fill(0x20) });
    for (const sizeBytes of [4001, 200_000]) {
      const reply = await feedback(bodies(sizeBytes));
      equal([reply.status, messageOf(reply.text)], [413, "the body is too long, expected at most 4000 bytes"]);
      const chunked = await feedback({ ...bodies(sizeBytes), headers: { "transfer-encoding": "chunked" } });
      equal([chunked.status, chunked.headers.connection], [413, "close"], "the client wants it closed");
    }
    equal((await feedback(bodies(4000))).status, 400, "blanks are no document");
    const announced = await talk(
      `POST ${bench.path("/deploymentBase/1/feedback")} HTTP/1.1\r\nHost: h\r\nContent-Length: 9999999\r\n\r\n`,
    );
    ok(/^HTTP\/1\.1 413 .*\r\nconnection: close\r\n/s.test(announced), announced);
  });

  it("401 without the token or with another, before anything else, and 200 with it", async () => {
    const guarded = await new Bench({ targetToken: "bH7XXAprK1ChnLfKSdtlsp7NOlPnZAYY" }).open();
    try {
      const wrong = [
        "",
        "bH7XXAprK1ChnLfKSdtlsp7NOlPnZAYY",
        "TargetToken",
        "TargetToken x",
        "GatewayToken bH7XXAprK1ChnLfKSdtlsp7NOlPnZAYY",
      ];
      for (const authorization of wrong) {
        for (const path of [guarded.path(), "/nowhere"]) {
          const reply = await ask(guarded.port, "GET", path, { headers: authorization === "" ? {} : { authorization } });
          equal([reply.status, reply.headers["www-authenticate"]], [401, 'TargetToken realm="DDI"'], authorization);
        }
      }
      equal(guarded.server.controllers.size, 0);
      const authorization = "targettoken bH7XXAprK1ChnLfKSdtlsp7NOlPnZAYY";
      equal((await guarded.get("", { authorization })).status, 200);
    } finally {
      await guarded.close();
    }
  });

  it("400 for a Host that no link can begin with", async () => {
    for (const host of ["a b", "a/b", 'a"b', "user@h", "[::1", ""]) {
      const reply = await talk(`GET ${bench.path()} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
      ok(reply.startsWith("HTTP/1.1 400 "), `${host}: ${reply}`);
    }
    const old = await talk(`GET ${bench.path()} HTTP/1.0\r\n\r\n`);
    ok(old.includes(`"href":"${bench.base}/`), old);
  });

  it("are told to the owner, with the request as it was sent", async () => {
    const refused: unknown[] = [];
    bench.server.onRefused = (request) => refused.push(request);
    await bench.get("/deploymentBase/9?c=1");
    equal(refused, [
      {
        method: "GET",
        target: `/DEFAULT/controller/v1/${CONTROLLER}/deploymentBase/9?c=1`,
        status: 404,
        message: "action 9 is none of the controller's",
      },
    ]);
  });

  it("are never 500, whatever is sent where", async () => {
    const below = fc.constantFrom(...METHODS.map(([path]) => path));
    const method = fc.constantFrom("GET", "PUT", "POST", "HEAD", "DELETE");
    const path = fc.oneof(
      below.map((text) => bench.path(text)),
      fc.webPath(),
      fc.webUrl(),
    );
    const field = fc.constantFrom(
      "status",
      "execution",
      "result",
      "finished",
      "progress",
      "details",
      "data",
      "mode",
      "__proto__",
    );
    const body = fc.oneof(
      fc.json(),
      fc.object({ key: field, maxDepth: 4 }).map((value) => JSON.stringify(value)),
      fc.string(),
    );
    const header = fc.constantFrom("range", "if-range", "if-match", "if-none-match", "accept", "authorization");
    const text = fc.string({ unit: fc.constantFrom(...'bytes=-,019W/"*; q.application/json'), maxLength: 30 });
    const request = fc.tuple(method, path, body, header, text);
    await fc.assert(
      fc.asyncProperty(request, async ([verb, target, content, name, value]) => {
        const reply = await ask(bench.port, verb, target.startsWith("/") || target.startsWith("http") ? target : "/", {
          headers: { [name]: value },
          ...(verb === "PUT" || verb === "POST" ? { body: content } : {}),
        });
        ok(reply.status < 500, `${reply.status} ${reply.text}`);
      }),
      { numRuns: 300 },
    );
    equal((await bench.get()).status, 200);
  });

  /** Says a text to the server as it is, and gives all that comes back. */
  function talk(text: string): Promise<string> {
    return new Promise((resolve, reject) => {
      let reply = "";
      const socket = createConnection({ host: "127.0.0.1", port: bench.port }, () => socket.write(text));
      socket.on("data", (chunk) => {
        reply += chunk.toString("utf8");
      });
      socket.on("error", reject);
      socket.on("close", () => resolve(reply));
    });
  }
});
