/** Bodies that the ESP32's HTTP client sends: through windows of a socket, in chunks, and past an answer that comes early. */
import { createServer, type Server, type Socket } from "node:net";
import { createHTTPClient } from "../../../hosts/esp32/http/http-client.js";
import { createTimer } from "../../../hosts/esp32/timer.js";
import type { HTTPClientOptions, HTTPRequestOptions } from "../../../src/ports/http-client.js";
import { equal, ok, throws } from "../../harness/expect.js";
import { afterEach, beforeEach, describe, it } from "../../harness/spec.js";
import { bytesOf } from "../../ports/http-client-conversation.js";
import { Loopback } from "../http/loopback.js";
import { crashes, FakeResolver, FakeTCP, turns } from "./moddable/tcp.js";

const HTTPClient = createHTTPClient({ Timer: createTimer({ timer: turns }) });
const EMPTY = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
const CHUNKED = new Map([["Transfer-Encoding", "chunked"]]);

let loopback: Loopback;
let server: Server;
let options: HTTPClientOptions;
let onData: (socket: Socket, text: string) => void;
let received: string;
let lines: string[];
const sockets = new Set<Socket>();

beforeEach(async () => {
  loopback = new Loopback();
  lines = [];
  received = "";
  crashes.length = 0;
  server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    socket.on("data", (chunk) => {
      received += chunk.toString("latin1");
      onData(socket, received.slice(received.indexOf("\r\n\r\n") + 4));
    });
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

function send(more: HTTPRequestOptions) {
  const client = new HTTPClient({ ...options, onError: (error) => lines.push(`error ${error?.message}`) });
  const request = client.request({
    method: "PUT",
    onHeaders: (status) => lines.push(`headers ${status}`),
    onDone: () => lines.push("done"),
    ...more,
  });
  return { client, request };
}

async function over(): Promise<void> {
  await loopback.until(() => lines.some((line) => /^done|^error/.test(line)));
  await loopback.turn();
}

describe("HTTP client of the ESP32: request bodies", () => {
  it("sends a body of many windows, and tells each time how much may be written", async () => {
    const byteLength = 300_000;
    onData = (socket, body) => {
      if (body.length === byteLength) socket.end(EMPTY);
    };
    let written = 0;
    send({
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
    ok(/x{1000}$/.test(received) && received.includes("\r\ncontent-length: 300000\r\n"));
  });

  it("sends each write as a chunk, none for no bytes, and the last one for none at all", async () => {
    onData = (socket, body) => {
      if (body.endsWith("0\r\n\r\n")) socket.end(EMPTY);
    };
    const parts = ["abc", "", "0123456789abcdef"];
    send({
      headers: CHUNKED,
      onWritable() {
        const part = parts.shift();
        if (part === undefined) equal(this.write(), 0);
        else if (this.write(bytesOf(part)) > 0 && part === "") this.write(bytesOf("d"));
      },
    });
    await over();
    equal(lines, ["headers 200", "done"]);
    equal(received.slice(received.indexOf("\r\n\r\n") + 4), "3\r\nabc\r\n1\r\nd\r\n10\r\n0123456789abcdef\r\n0\r\n\r\n");
  });

  it("offers what fits into a socket together with the frame of a chunk", async () => {
    const byteLength = 100_000;
    onData = (socket, body) => {
      if (body.endsWith("0\r\n\r\n")) socket.end(EMPTY);
    };
    let left = byteLength;
    send({
      headers: CHUNKED,
      onWritable(count) {
        const length = Math.min(count, left);
        if (length > 0) this.write(new Uint8Array(length));
        else this.write();
        left -= length;
      },
    });
    await over();
    equal(lines, ["headers 200", "done"]);
    let rest = received.slice(received.indexOf("\r\n\r\n") + 4);
    let sum = 0;
    for (let size = -1; size !== 0; sum += size) {
      size = Number.parseInt(rest, 16);
      rest = rest.slice(rest.indexOf("\r\n") + 2);
      equal(rest.slice(size, size + 2), "\r\n");
      rest = rest.slice(size + 2);
    }
    equal([sum, rest], [byteLength, ""]);
  });

  it("sends the last chunk when there is room again", async () => {
    onData = (socket, body) => {
      if (body.endsWith("0\r\n\r\n")) socket.end(EMPTY);
    };
    let isDone = false;
    const { request } = send({
      headers: CHUNKED,
      onWritable(count) {
        ok(!isDone, "nothing is to be written any more");
        equal(this.write(new Uint8Array(count)), 0, "the socket is full");
        equal(this.write(), 0);
        isDone = true;
      },
    });
    await over();
    equal(lines, ["headers 200", "done"]);
    throws(() => request.write(), "refused");
  });

  it("sends a head that is larger than the socket's window", async () => {
    onData = (socket) => {
      if (received.endsWith("\r\n\r\n")) socket.end(EMPTY);
    };
    send({ method: "GET", headers: new Map([["x-long", "y".repeat(20_000)]]) });
    await over();
    equal(lines, ["headers 200", "done"]);
    ok(/\r\nx-long: y{20000}\r\nhost/.test(received));
  });

  it("takes an answer that comes before the body is sent, and refuses to write any more", async () => {
    onData = (socket) => socket.write("HTTP/1.1 413 Too Large\r\ncontent-length: 0\r\n\r\n");
    const { request } = send({ headers: new Map([["content-length", "100"]]) });
    throws(() => request.write(new Uint8Array(1)), "refused");
    await over();
    equal(lines, ["headers 413", "done"]);
    throws(() => request.write(new Uint8Array(1)), "refused");
    await loopback.until(() => sockets.size === 0);
  });

  // A server answers before it has read the body, and closes. The socket throws at the next write, though the answer waits in
  // it unread: what is written is lost, and the answer must not be.
  it("delivers an answer that waits, though the connection takes no more", async () => {
    onData = (socket) => socket.end("HTTP/1.1 401 X\r\ncontent-length: 3\r\n\r\nabc");
    let isAnswered = false;
    const { request } = send({
      headers: new Map([["content-length", "100"]]),
      onReadable: () => {
        isAnswered = true;
      },
    });
    await loopback.until(() => isAnswered);
    await loopback.turn();
    equal(request.write(new Uint8Array(10)), 0);
    await loopback.turn();
    equal([lines, request.read()?.byteLength], [["headers 401"], 3]);
    await over();
    equal(lines, ["headers 401", "done"]);
  });

  it("reports a connection that ends while the body is being sent", async () => {
    onData = (socket) => socket.resetAndDestroy();
    send({
      headers: new Map([["content-length", "1000000"]]),
      onWritable(count) {
        this.write(new Uint8Array(count));
      },
    });
    await over();
    equal(lines, ["error HTTPClient: PUT /: the connection ended"]);
  });

  it("refuses more than content-length leaves, more than the window, and an end that the length gives", async () => {
    onData = (socket, body) => {
      if (body === "abc") socket.end(EMPTY);
    };
    send({
      headers: new Map([["content-length", "3"]]),
      onWritable() {
        throws(() => this.write(new Uint8Array(4)), "invalid", /more than content-length leaves/);
        throws(() => this.write(), "invalid", /ends a body in chunks/);
        throws(() => this.write("abc" as unknown as Uint8Array), "invalid", /expected an ArrayBuffer/);
        equal(this.write(bytesOf("ab").buffer as ArrayBuffer), 1);
        equal(this.write(bytesOf("c")), 0);
        throws(() => this.write(new Uint8Array(1)), "refused");
      },
    });
    await over();
    equal(lines, ["headers 200", "done"]);
    const { client } = send({
      headers: new Map([["content-length", "1000000"]]),
      onWritable(count) {
        throws(() => this.write(new Uint8Array(count + 1)), "full", /wait for onWritable/);
        client.close();
        lines.push("full");
      },
    });
    await loopback.until(() => lines.includes("full"));
  });

  it("sends none for a length of zero", async () => {
    onData = (socket) => socket.end(EMPTY);
    send({ method: "POST", headers: new Map([["content-length", "0"]]), onWritable: () => lines.push("writable") });
    await over();
    equal(lines, ["headers 200", "done"]);
  });
});
