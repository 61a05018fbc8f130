/**
 * What the ESP32's HTTP client makes of servers beyond the port's suite: framing, back pressure through chunks, surplus, early
 * answers, stalls, codes. The servers are of node:net and talk byte by byte; the sockets beneath behave as Moddable's.
 */
import { createServer, type Server, type Socket } from "node:net";
import { createHTTPClient } from "../../../hosts/esp32/http/http-client.js";
import { createTimer } from "../../../hosts/esp32/timer.js";
import type { HTTPClientOptions, HTTPRequest, HTTPRequestOptions } from "../../../src/ports/http-client.js";
import { equal, ok, throws } from "../../harness/expect.js";
import { afterEach, beforeEach, describe, it } from "../../harness/spec.js";
import { textOf } from "../../ports/http-client-conversation.js";
import { Loopback } from "../http/loopback.js";
import { crashes, FakeResolver, FakeTCP, turns } from "./moddable/tcp.js";

const HTTPClient = createHTTPClient({ Timer: createTimer({ timer: turns }) });

let loopback: Loopback;
let server: Server;
let options: HTTPClientOptions;
let onData: (socket: Socket, text: string) => void;
let lines: string[];
let error: Error | undefined;
const sockets = new Set<Socket>();

beforeEach(async () => {
  loopback = new Loopback();
  lines = [];
  error = undefined;
  crashes.length = 0;
  server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    socket.on("data", (chunk) => onData(socket, chunk.toString("latin1")));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  options = { host: "127.0.0.1", port, socket: { io: FakeTCP }, dns: { io: FakeResolver } };
});

afterEach(() => {
  for (const socket of sockets) socket.destroy();
  for (const socket of FakeTCP.open) socket.close();
  server.close();
  loopback.close();
  equal(crashes, [], "what would have restarted the chip");
});

function open() {
  return new HTTPClient({
    ...options,
    onError(given) {
      lines.push("error");
      error = given;
    },
  });
}

/** One request that reads all and records what was called back; the parts of a body in one line. */
function ask(client: InstanceType<typeof HTTPClient>, more: HTTPRequestOptions = {}): HTTPRequest {
  return client.request({
    onHeaders: (status) => lines.push(`headers ${status}`),
    onReadable() {
      const text = textOf(this.read());
      if (lines.at(-1)?.startsWith("body ")) lines.push(lines.pop() + text);
      else lines.push(`body ${text}`);
    },
    onDone: () => lines.push("done"),
    ...more,
  });
}

async function over(): Promise<void> {
  await loopback.until(() => lines.includes("done") || lines.includes("error"));
  await loopback.turn();
}

/** Answers every connection's first bytes with `text`, and ends it unless told to hold. */
function answer(text: string, end: "end" | "hold" = "end"): void {
  onData = (socket) => {
    socket.write(text, "latin1");
    if (end === "end") socket.end();
  };
}

const OK = "HTTP/1.1 200 OK\r\n";
const CHUNKED = `${OK}transfer-encoding: chunked\r\n\r\n`;

describe("HTTP client of the ESP32: the end of a body", () => {
  const whole: readonly (readonly [what: string, response: string, body: string])[] = [
    ["content-length", `${OK}content-length: 3\r\n\r\nabc`, "abc"],
    ["chunks", `${CHUNKED}3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n`, "abcde"],
    ["the end of the connection", "HTTP/1.0 200 OK\r\n\r\nabc", "abc"],
    ["the first of two responses", `${OK}content-length: 3\r\n\r\nabc${OK}\r\n`, "abc"],
    ["content-length, with bytes beyond it", `${OK}content-length: 3\r\n\r\nabcdef`, "abc"],
    ["a response behind one of 1xx", `HTTP/1.1 103 Hints\r\n\r\n${OK}content-length: 3\r\n\r\nabc`, "abc"],
  ];
  for (const [what, response, body] of whole) {
    it(`is given by ${what}`, async () => {
      answer(response);
      ask(open());
      await over();
      equal(lines, ["headers 200", `body ${body}`, "done"]);
    });

    if (what === "the end of the connection") continue;
    it(`is given by ${what} on a connection that the server keeps`, async () => {
      answer(response, "hold");
      ask(open());
      await over();
      equal(lines, ["headers 200", `body ${body}`, "done"]);
      await loopback.until(() => sockets.size === 0);
    });
  }

  const broken: readonly (readonly [what: string, response: string, code: "io" | "corrupt" | "unsupported"])[] = [
    ["a missing last chunk", `${CHUNKED}3\r\nabc\r\n`, "io"],
    ["a missing line behind the last chunk", `${CHUNKED}0\r\n`, "io"],
    ["a missing byte", `${OK}content-length: 4\r\n\r\nabc`, "io"],
    ["a chunk of no known length", `${CHUNKED}xyz\r\n`, "corrupt"],
    ["a chunk of no known length behind a good one", `${CHUNKED}3\r\nabc\r\nxyz\r\n`, "corrupt"],
    ["two lengths", `${OK}content-length: 3\r\ncontent-length: 4\r\n\r\nabc`, "corrupt"],
    ["a length beside chunks", `${OK}content-length: 3\r\ntransfer-encoding: chunked\r\n\r\nabc`, "corrupt"],
    ["another coding", `${OK}transfer-encoding: gzip\r\n\r\nabc`, "unsupported"],
    ["no response at all", "", "io"],
    ["half a head", `${OK}content-le`, "io"],
    ["a head without end", `${OK}x: ${"a".repeat(10_000)}`, "corrupt"],
    ["another protocol", "220 mail.example ESMTP\r\n\r\n", "corrupt"],
    ["a change of protocol", "HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n", "corrupt"],
  ];
  for (const [what, response, code] of broken) {
    it(`is an error for ${what}`, async () => {
      answer(response);
      ask(open());
      await over();
      equal([lines.at(-1), lines.includes("done")], ["error", false]);
      throws(
        () => {
          throw error;
        },
        code,
        /^HTTPClient: GET \/: ./,
      );
      await loopback.until(() => sockets.size === 0);
    });
  }

  for (const [method, status] of [
    ["HEAD", 200],
    ["GET", 304],
    ["GET", 204],
  ] as const) {
    it(`comes with the head for ${method} and ${status}`, async () => {
      answer(`HTTP/1.1 ${status} X\r\n${status === 204 ? "" : "content-length: 3\r\n"}\r\n`, "hold");
      ask(open(), { method });
      await over();
      equal(lines, [`headers ${status}`, "done"]);
    });
  }
});

describe("HTTP client of the ESP32: chunks", () => {
  it("reads JSON as Tomcat sends it: one chunk, the last in a segment of its own", async () => {
    const json = '{"config":{"polling":{"sleep":"00:00:20"}}}';
    onData = (socket) => {
      const head = "HTTP/1.1 200 \r\nContent-Type: application/hal+json\r\nTransfer-Encoding: chunked\r\n\r\n";
      socket.write(`${head}${json.length.toString(16)}\r\n${json}\r\n`);
      setImmediate(() => socket.end("0\r\n\r\n"));
    };
    ask(open());
    await over();
    equal(lines, ["headers 200", `body ${json}`, "done"]);
  });

  it("reads a body byte by byte, though its framing comes in pieces too", async () => {
    const pieces = [...`${CHUNKED}3;x=y\r\nabc\r\nb\r\n0123456789a\r\n0\r\nx: y\r\n\r\n`];
    onData = (socket) => {
      socket.setNoDelay(true);
      const next = (): void => {
        const piece = pieces.shift();
        if (piece === undefined) socket.end();
        else socket.write(piece, () => setImmediate(next));
      };
      next();
    };
    ask(open());
    await over();
    equal(lines, ["headers 200", "body abc0123456789a", "done"]);
  });

  it("tells of a chunk at a time, and never from within read()", async () => {
    answer(`${CHUNKED}3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n`);
    let isInside = false;
    const told: string[] = [];
    const note = (line: string) => void told.push(`${line}${isInside ? " inside" : ""}`);
    const request = ask(open(), { onReadable: (count) => note(`readable ${count}`), onDone: () => note("done") });
    const read = (byteLength: number) => {
      isInside = true;
      const text = textOf(request.read(byteLength));
      isInside = false;
      return text;
    };
    await loopback.until(() => told.length > 0);
    await loopback.turn();
    equal([told, read(2)], [["readable 3"], "ab"]);
    await loopback.turn();
    equal([told, read(9), read(9)], [["readable 3"], "c", ""], "to the end of the chunk");
    await loopback.until(() => told.length === 2);
    equal([told, read(9)], [["readable 3", "readable 2"], "de"]);
    await loopback.until(() => told.length === 3);
    equal([told, read(9)], [["readable 3", "readable 2", "done"], ""]);
  });

  it("hold the sender back while they are not read", async () => {
    const chunk = `10000\r\n${"x".repeat(0x10000)}\r\n`;
    const chunkCount = 128;
    let sentCount = 0;
    onData = (socket) => {
      socket.write(CHUNKED);
      const next = (): void => {
        if (sentCount === chunkCount) socket.end("0\r\n\r\n");
        else {
          socket.write(chunk, () => {
            sentCount++;
            next();
          });
        }
      };
      next();
    };
    let readLength = 0;
    let isReading = false;
    const target = new Uint8Array(3000);
    const read = (request: HTTPRequest): void => {
      for (let count = request.read(target); count !== undefined; count = request.read(target)) readLength += count;
    };
    const request = ask(open(), {
      onReadable() {
        if (isReading) read(this);
      },
    });
    await loopback.until(() => sentCount > 0);
    await loopback.turn();
    ok(sentCount < chunkCount, "the whole body was taken");
    isReading = true;
    read(request);
    await over();
    equal([lines, readLength, sentCount], [["headers 200", "done"], chunkCount * 0x10000, chunkCount]);
  });
});

describe("HTTP client of the ESP32: connections", () => {
  it("asks for a range, and takes the part", async () => {
    let asked = "";
    onData = (socket, text) => {
      asked = text;
      socket.end("HTTP/1.1 206 Partial Content\r\ncontent-range: bytes 5-8/9\r\ncontent-length: 4\r\n\r\nfghi");
    };
    ask(open(), { path: "/image", headers: new Map([["Range", "bytes=5-"]]) });
    await over();
    equal(lines, ["headers 206", "body fghi", "done"]);
    const { port } = options;
    equal(asked, `GET /image HTTP/1.1\r\nrange: bytes=5-\r\nhost: 127.0.0.1:${port}\r\nconnection: close\r\n\r\n`);
  });

  it("takes a new connection for each request and leaves none open", async () => {
    let count = 0;
    onData = (socket) => {
      count += 1;
      socket.write(`${OK}content-length: 1\r\n\r\na`); // The server would keep it.
    };
    const client = open();
    ask(client);
    ask(client);
    await loopback.until(() => lines.filter((line) => line === "done").length === 2);
    await loopback.until(() => sockets.size === 0);
    equal([count, FakeTCP.open.size], [2, 0]);
  });

  it("waits for a stalled server until it is closed", async () => {
    let isReached = false;
    onData = () => {
      isReached = true;
    };
    const client = open();
    const request = ask(client);
    await loopback.until(() => isReached);
    await loopback.turn();
    equal(lines, []);
    client.close();
    await loopback.until(() => sockets.size === 0);
    equal([lines, request.read()], [[], undefined]);
    throws(() => client.request({}), "closed");
  });

  for (const moment of ["onHeaders", "onReadable", "onDone", "onWritable"] as const) {
    for (const kind of ["content-length: 3\r\n\r\nabc", "transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"]) {
      it(`can be closed inside ${moment}, with ${kind.slice(0, kind.indexOf(":"))}`, async () => {
        answer(`${OK}${kind}`);
        const client = open();
        let isClosed = false;
        const headers = moment === "onWritable" ? new Map([["content-length", "3"]]) : new Map<string, string>();
        ask(client, {
          headers,
          [moment]: () => {
            lines.length = 0;
            client.close();
            isClosed = true;
          },
        });
        ask(client);
        await loopback.until(() => isClosed);
        await loopback.until(() => sockets.size === 0);
        await loopback.turn();
        equal(lines, []);
      });
    }
  }

  it("starts a request made in onDone after those that wait", async () => {
    const paths: string[] = [];
    onData = (socket, text) => {
      paths.push(text.split(" ")[1]!);
      socket.end(`${OK}content-length: 0\r\n\r\n`);
    };
    const client = open();
    ask(client, { path: "/1", onDone: () => ask(client, { path: "/3" }) });
    ask(client, { path: "/2" });
    await loopback.until(() => lines.filter((line) => line === "done").length === 2);
    equal(paths, ["/1", "/2", "/3"]);
  });

  it("names what it asked for in the error, and the reason", async () => {
    const { port } = await loopback.nobody();
    const client = new HTTPClient({ ...options, port: port!, onError: (given) => lines.push(given?.message ?? "") });
    client.request({ method: "PUT", path: "/there" });
    await loopback.until(() => lines.length > 0);
    equal(lines, [`HTTPClient: PUT /there: no connection to 127.0.0.1:${port}`]);
  });
});
