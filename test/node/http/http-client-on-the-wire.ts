/**
 * What this host's HTTP client makes of servers beyond the port's suite: framing, surplus, early answers, stalls, codes.
 *
 * The servers are of node:net and talk byte by byte; each spec says what goes over the wire.
 */
import { createServer, type Server, type Socket } from "node:net";
import { HTTPClient } from "../../../hosts/node/http-client.js";
import { wordsOf } from "../../../hosts/node/transport.js";
import type { HTTPClientOptions, HTTPRequest, HTTPRequestOptions } from "../../../src/ports/http-client.js";
import { equal, ok, throws } from "../../harness/expect.js";
import { afterEach, beforeEach, describe, it } from "../../harness/spec.js";
import { Loopback } from "./loopback.js";

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
  server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    socket.on("data", (chunk) => onData(socket, chunk.toString("latin1")));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  options = { host: "127.0.0.1", port, socket: {}, dns: {} };
});

afterEach(() => {
  for (const socket of sockets) socket.destroy();
  server.close();
  loopback.close();
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

/** One request that reads all and records what was called back. */
function ask(client: InstanceType<typeof HTTPClient>, more: HTTPRequestOptions = {}): HTTPRequest {
  return client.request({
    onHeaders: (status) => lines.push(`headers ${status}`),
    onReadable() {
      lines.push(`body ${Buffer.from(this.read() ?? new ArrayBuffer(0)).toString("latin1")}`);
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

describe("HTTP client of hosts/node: the end of a body", () => {
  const whole: readonly (readonly [what: string, response: string, body: string])[] = [
    ["content-length", "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nabc", "abc"],
    ["chunks", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", "abc"],
    ["the end of the connection", "HTTP/1.0 200 OK\r\n\r\nabc", "abc"],
    ["the first of two responses", "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nabcHTTP/1.1 200 OK\r\n\r\n", "abc"],
    ["content-length, with bytes beyond it", "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nabcdef", "abc"],
  ];
  for (const [what, response, body] of whole) {
    it(`is given by ${what}`, async () => {
      answer(response);
      ask(open());
      await over();
      equal(lines, ["headers 200", `body ${body}`, "done"]);
    });
  }

  it("is given by content-length though bytes beyond it come before the body is read", async () => {
    answer("HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nabcdef");
    const request = ask(open(), { onReadable: (count) => lines.push(`readable ${count}`) });
    await loopback.until(() => lines.length === 2);
    await loopback.turn();
    equal(Buffer.from(request.read()!).toString(), "abc");
    await over();
    equal(lines, ["headers 200", "readable 3", "done"]);
  });

  const broken: readonly (readonly [what: string, response: string, code: "io" | "corrupt"])[] = [
    ["a missing last chunk", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n", "io"],
    ["a missing byte", "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nabc", "io"],
    ["a chunk of no known length", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n", "corrupt"],
    ["two lengths", "HTTP/1.1 200 OK\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\nabc", "corrupt"],
    ["no response at all", "", "io"],
    ["half a head", "HTTP/1.1 200 OK\r\ncontent-le", "io"],
    ["another protocol", "220 mail.example ESMTP\r\n\r\n", "corrupt"],
    ["a change of protocol", "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n", "io"],
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

describe("HTTP client of hosts/node: connections", () => {
  it("takes a new connection for each request and leaves none open", async () => {
    let count = 0;
    onData = (socket) => {
      count += 1;
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\na"); // The server would keep it.
    };
    const client = open();
    ask(client);
    ask(client);
    await loopback.until(() => lines.filter((line) => line === "done").length === 2);
    await loopback.until(() => sockets.size === 0);
    equal(count, 2);
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
    it(`can be closed inside ${moment}`, async () => {
      answer("HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nabc");
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

  it("starts a request made in onDone after those that wait", async () => {
    const paths: string[] = [];
    onData = (socket, text) => {
      paths.push(text.split(" ")[1]!);
      socket.end("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    };
    const client = open();
    ask(client, { path: "/1", onDone: () => ask(client, { path: "/3" }) });
    ask(client, { path: "/2" });
    await loopback.until(() => lines.filter((line) => line === "done").length === 2);
    equal(paths, ["/1", "/2", "/3"]);
  });

  it("joins headers that come twice", async () => {
    answer("HTTP/1.1 200 OK\r\nset-cookie: a=1\r\nSet-Cookie: b=2\r\nx-a: 1\r\nX-A: 2\r\ncontent-length: 0\r\n\r\n");
    let headers: Map<string, string> | undefined;
    ask(open(), {
      onHeaders: (_status, given) => {
        headers = given;
      },
    });
    await over();
    equal([headers?.get("set-cookie"), headers?.get("x-a")], ["a=1, b=2", "1, 2"]);
  });

  it("names what it asked for in the error, and the reason", async () => {
    const client = new HTTPClient({ ...(await loopback.nobody()), onError: (given) => lines.push(given?.message ?? "") });
    client.request({ method: "PUT", path: "/there" });
    await loopback.until(() => lines.length > 0);
    ok(/^HTTPClient: PUT \/there: .*ECONNREFUSED/.test(lines[0]!), lines[0]);
  });
});

describe("HTTP client of hosts/node: the words of an error", () => {
  it("are those of each address where a name has several, which Node joins in an error without a message", () => {
    equal(
      wordsOf(new AggregateError([new Error("::1 is gone"), new Error("127.0.0.1 is gone")])),
      "::1 is gone; 127.0.0.1 is gone",
    );
    equal(wordsOf(new Error("gone")), "gone");
  });
});

describe("HTTP client of hosts/node: request bodies", () => {
  it("sends a body of many windows, and tells each time how much may be written", async () => {
    const byteLength = 1_000_000;
    let received = "";
    onData = (socket, text) => {
      received += text;
      if (received.length - received.indexOf("\r\n\r\n") - 4 === byteLength)
        socket.end("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    };
    let written = 0;
    ask(open(), {
      method: "PUT",
      headers: new Map([["Content-Length", String(byteLength)]]),
      onWritable(count) {
        ok(count > 0 && count <= byteLength - written);
        const room = this.write(new Uint8Array(count).fill(120));
        written += count;
        ok(room >= 0 && room <= byteLength - written);
      },
    });
    await over();
    equal([lines, written], [["headers 200", "done"], byteLength]);
    ok(/\r\ncontent-length: 1000000\r\n/i.test(received) && /x{1000}$/.test(received));
  });

  it("takes an answer that comes before the body is sent, and refuses to write any more", async () => {
    answer("HTTP/1.1 413 Too Large\r\ncontent-length: 0\r\n\r\n", "hold");
    const request = ask(open(), { method: "PUT", headers: new Map([["content-length", "100"]]) });
    throws(() => request.write(new Uint8Array(1)), "refused");
    await over();
    equal(lines, ["headers 413", "done"]);
    throws(() => request.write(new Uint8Array(1)), "refused");
    await loopback.until(() => sockets.size === 0);
  });

  it("refuses more than content-length leaves, more than the window, and an end that the length gives", async () => {
    onData = (socket, text) => {
      if (text.endsWith("abc")) socket.end("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    };
    const client = open();
    ask(client, {
      method: "PUT",
      headers: new Map([["content-length", "3"]]),
      onWritable(count) {
        throws(() => this.write(new Uint8Array(4)), "invalid", /content-length/);
        throws(() => this.write(), "invalid", /chunked/);
        throws(() => this.write("abc" as unknown as Uint8Array), "invalid");
        equal([count, this.write(Buffer.from("abc"))], [3, 0]);
        throws(() => this.write(new Uint8Array(1)), "refused");
      },
    });
    await over();
    ask(client, {
      headers: new Map([["content-length", "1000000"]]),
      onWritable(count) {
        throws(() => this.write(new Uint8Array(count + 1)), "full");
        client.close();
        lines.push("full");
      },
    });
    await loopback.until(() => lines.includes("full"));
  });

  it("sends none for a length of zero", async () => {
    answer("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    ask(open(), { method: "POST", headers: new Map([["content-length", "0"]]), onWritable: () => lines.push("writable") });
    await over();
    equal(lines, ["headers 200", "done"]);
  });
});
