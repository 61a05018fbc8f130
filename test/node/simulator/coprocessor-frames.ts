/**
 * What the chip answers a processor that asks it to verify or to open a client, byte for byte, and where the bytes make no
 * sense.
 *
 * Any firmware can send any frame. The chip is the test bench itself: it refuses or says no, and lives.
 */
import { Coprocessor } from "../../../hosts/node/simulator/coprocessor.js";
import { decodeFrame, FRAME_HEADER_SIZE_BYTES, type Frame } from "../../../hosts/node/simulator/rpc.js";
import { HTTPOpenMode, Operation, Status } from "../../../hosts/simulated/wire.js";
import type { Native } from "../../../hosts/xs/native.js";
import { XSNetwork } from "../../../hosts/xs/xs-network.js";
import { createVerifier } from "../../../hosts/xs/xs-verifier.js";
import { messageOf } from "../../../src/errors.js";
import type { HTTPClientOptions } from "../../../src/ports/http-client.js";
import { equal, throws } from "../../harness/expect.js";
import { describePort } from "../../harness/port-suite.js";
import { describe, it } from "../../harness/spec.js";
import { verifierObligations } from "../../ports/verifier.js";
import { TLSWorld } from "../http/tls-link.js";

/** A right request has a key and a signature of so many bytes each, and a message behind them. */
const FIELD_SIZE_BYTES = 64;

function answer(code: number, bytes: Uint8Array, second = 0): Frame {
  const reply = new Coprocessor(() => {}).answer({ code, first: 0, second, bytes });
  return decodeFrame(reply.subarray(FRAME_HEADER_SIZE_BYTES));
}

/** The C part of an XS host with the chip at hand: what the chip refuses is an Error with its words, and no code. */
function directNative(): Native {
  const chip = new Coprocessor(() => {});
  const call: Native["call"] = (code, first, second, bytes = new Uint8Array(0)) => {
    const reply = refusalAsText(() => chip.answer({ code, first, second, bytes: new Uint8Array(bytes) }));
    return decodeFrame(reply.subarray(FRAME_HEADER_SIZE_BYTES)).bytes.slice().buffer as ArrayBuffer;
  };
  return { call } as Native;
}

function refusalAsText(ask: () => Buffer): Buffer {
  try {
    return ask();
  } catch (error) {
    throw new Error(messageOf(error));
  }
}

describe("coprocessor: verify", () => {
  it("answers no, in four bytes, to frames of every length that end before the message", () => {
    for (let length = 0; length <= 2 * FIELD_SIZE_BYTES; length++) {
      const { code, bytes } = answer(Operation.verify, new Uint8Array(length).fill(0x5a));
      equal([code, bytes], [Status.done, Uint8Array.of(0, 0, 0, 0)], `${length} bytes`);
    }
  });

  it("answers no to bytes that are no key, no signature and no message", () => {
    for (const value of [0, 1, 0xff]) {
      const { code, bytes } = answer(Operation.verify, new Uint8Array(5000).fill(value));
      equal([code, bytes], [Status.done, Uint8Array.of(0, 0, 0, 0)], `bytes of ${value}`);
    }
  });
});

describePort("Verifier of hosts/xs, the chip at hand", verifierObligations, () => ({
  verifier: createVerifier(directNative()),
}));

describe("coprocessor: httpOpen", () => {
  const open = (plan: unknown, mode: number): Frame => {
    return answer(Operation.httpOpen, Buffer.from(JSON.stringify(plan), "utf8"), mode);
  };
  const { secure } = new TLSWorld().clientSocket;
  const server = { host: "127.0.0.1", port: 443 };

  it("opens in the clear and over TLS, each with its own options only", () => {
    equal(open(server, HTTPOpenMode.clear).code, Status.done);
    equal(open({ ...server, secure }, HTTPOpenMode.secure).code, Status.done);
    throws(() => open({ ...server, secure }, HTTPOpenMode.clear), "invalid");
    throws(() => open(server, HTTPOpenMode.secure), "invalid");
  });

  it("takes a mode that it does not know for TLS", () => {
    throws(() => open(server, 2), "invalid");
  });

  it("refuses what is no plan", () => {
    for (const plan of [null, 5, [], {}, { host: 5 }, { ...server, secure: 5 }, { ...server, secure: [] }]) {
      throws(() => open(plan, HTTPOpenMode.secure));
    }
    throws(() => answer(Operation.httpOpen, Buffer.from("{")));
  });

  it("is asked by the class that was made, whatever the options say", () => {
    // Options for TLS that reach the client in the clear, or none that reach the one over TLS, must not open a connection.
    const { HTTPClient, HTTPSClient } = new XSNetwork(directNative());
    const options: HTTPClientOptions = { ...server, socket: {}, dns: {} };
    new HTTPClient(options).close();
    new HTTPSClient({ ...options, socket: Object.freeze({ secure }) }).close();
    throws(() => new HTTPClient({ ...options, socket: { secure } }), "invalid", /network\.https/);
    throws(() => new HTTPSClient(options), "invalid", /socket\.secure/);
  });
});
