/**
 * What a chip does for a processor that cannot do it itself: hashing, randomness and the network, over the wire.
 *
 * A processor that is a Node process needs none of it; one on another engine has no sockets and no crypto of its own, as a
 * microcontroller has a hash engine and a radio. Requests are answered at once; what happens later is sent as an event. All of
 * it is forgotten at a reset.
 */
import { createHash, type Hash, randomBytes } from "node:crypto";
import { FirmwareError, messageOf } from "../../../src/errors.js";
import type { HTTPClient as HTTPClientPort, HTTPRequest, HTTPRequestOptions } from "../../../src/ports/http-client.js";
import { DigestStep, HTTPOpenMode, NetworkEvent, Operation, Status, VERIFY_FIELD_SIZE_BYTES } from "../../simulated/wire.js";
import { HTTPClient, HTTPSClient } from "../http-client.js";
import { verifier } from "../verifier.js";
import { encodeFrame, type Frame } from "./rpc.js";

type SendEvent = (code: number, first: number, second: number, bytes?: Uint8Array) => void;

/** What the other end says of a client. It may be anything: the client checks it. */
interface ClientPlan {
  readonly host: string;
  readonly port: number;
  readonly secure?: object;
}

/** What the other end says of a request. */
interface RequestPlan {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: readonly (readonly [string, string])[];
  readonly headersMask?: readonly string[];
  readonly hasBody: boolean;
}

/** A request that is not over. */
interface Exchange {
  readonly request: HTTPRequest;
  readonly clientHandle: number;
  /** Body bytes that the processor has read. */
  readBytes: number;
}

export class Coprocessor {
  readonly #sendEvent: SendEvent;
  readonly #hashes = new Map<number, Hash>();
  readonly #clients = new Map<number, HTTPClientPort>();
  /** Clients whose error is told, but perhaps not heard yet: until it closes them, the processor may still ask. */
  readonly #failed = new Set<number>();
  readonly #requests = new Map<number, Exchange>();
  #lastHandle = 0;

  constructor(sendEvent: SendEvent) {
    this.#sendEvent = sendEvent;
  }

  /** The reply to a request. Throws what the chip refuses, `unsupported` for an operation that the wire does not know. */
  answer(frame: Frame): Buffer {
    switch (frame.code) {
      case Operation.digest:
        return this.#digest(frame);
      case Operation.random:
        return encodeFrame(Status.done, 0, 0, randomBytes(frame.first));
      case Operation.verify:
        return this.#verify(frame.bytes);
      case Operation.httpOpen:
        return this.#open(frame.second, JSON.parse(textOf(frame.bytes)) as ClientPlan);
      case Operation.httpRequest:
        return this.#request(frame.first, JSON.parse(textOf(frame.bytes)) as RequestPlan);
      case Operation.httpRead:
        return this.#read(frame.first, frame.second);
      case Operation.httpWrite:
        return this.#write(frame);
      case Operation.httpClose:
        this.#clients.get(frame.first)?.close();
        this.#forget(frame.first);
        this.#failed.delete(frame.first);
        return encodeFrame(Status.done);
      default:
        throw new FirmwareError("unsupported", `operation ${frame.code}: expected one of the wire's operations`);
    }
  }

  /** The processor is gone: so is everything that it had open. */
  reset(): void {
    for (const client of this.#clients.values()) client.close();
    this.#clients.clear();
    this.#failed.clear();
    this.#requests.clear();
    this.#hashes.clear();
  }

  #digest(frame: Frame): Buffer {
    if (frame.second === DigestStep.open) {
      const handle = ++this.#lastHandle;
      this.#hashes.set(handle, createHash("sha256"));
      return handleReply(handle);
    }
    const hash = this.#hashes.get(frame.first);
    if (!hash) throw new FirmwareError("closed", `digest ${frame.first} is not open`);
    if (frame.second === DigestStep.write) {
      hash.update(frame.bytes);
      return encodeFrame(Status.done);
    }
    this.#hashes.delete(frame.first);
    return frame.second === DigestStep.finish ? encodeFrame(Status.done, 0, 0, hash.digest()) : encodeFrame(Status.done);
  }

  /** The key, the signature, the message, one after another; 1 where they belong together. */
  #verify(bytes: Uint8Array): Buffer {
    const isRight = verifier.verify({
      publicKey: bytes.subarray(0, VERIFY_FIELD_SIZE_BYTES),
      signature: bytes.subarray(VERIFY_FIELD_SIZE_BYTES, 2 * VERIFY_FIELD_SIZE_BYTES),
      message: bytes.subarray(2 * VERIFY_FIELD_SIZE_BYTES),
    });
    return handleReply(isRight ? 1 : 0);
  }

  #open(mode: number, { secure, ...plan }: ClientPlan): Buffer {
    const handle = ++this.#lastHandle;
    const Client = mode === HTTPOpenMode.clear ? HTTPClient : HTTPSClient;
    const client = new Client({
      ...plan,
      socket: { secure },
      dns: {},
      onError: (error) => {
        this.#forget(handle);
        this.#failed.add(handle);
        this.#sendEvent(NetworkEvent.error, handle, 0, Buffer.from(error ? messageOf(error) : "the connection ended early"));
      },
    });
    this.#clients.set(handle, client);
    return handleReply(handle);
  }

  #request(clientHandle: number, plan: RequestPlan): Buffer {
    const handle = ++this.#lastHandle;
    if (this.#failed.has(clientHandle)) return handleReply(handle); // Lost with all others of that client.
    const client = this.#clients.get(clientHandle);
    if (!client) throw new FirmwareError("closed", `HTTP client ${clientHandle} is not open`);
    const options: HTTPRequestOptions = {
      ...(plan.method === undefined ? {} : { method: plan.method }),
      ...(plan.path === undefined ? {} : { path: plan.path }),
      ...(plan.headers === undefined ? {} : { headers: new Map(plan.headers) }),
      ...(plan.headersMask === undefined ? {} : { headersMask: plan.headersMask }),
      ...(plan.hasBody ? { onWritable: (count: number) => this.#sendEvent(NetworkEvent.writable, handle, count) } : {}),
      onHeaders: (status, headers, statusText) => {
        const head = JSON.stringify({ headers: [...headers], statusText });
        this.#sendEvent(NetworkEvent.headers, handle, status, Buffer.from(head, "utf8"));
      },
      // Bytes since the body began: a count of those that wait would be wrong where a read crosses the event.
      onReadable: (count) => {
        this.#sendEvent(NetworkEvent.readable, handle, (this.#requests.get(handle)?.readBytes ?? 0) + count);
      },
      onDone: () => {
        this.#requests.delete(handle);
        this.#sendEvent(NetworkEvent.done, handle, 0);
      },
    };
    this.#requests.set(handle, { request: client.request(options), clientHandle, readBytes: 0 });
    return handleReply(handle);
  }

  /** Nothing, where the request is over: the processor may not have heard of it yet. */
  #read(handle: number, byteLength: number): Buffer {
    const exchange = this.#requests.get(handle);
    const bytes = exchange?.request.read(byteLength);
    if (exchange === undefined || bytes === undefined) return encodeFrame(Status.nothing);
    exchange.readBytes += bytes.byteLength;
    return encodeFrame(Status.done, 0, 0, new Uint8Array(bytes));
  }

  #write(frame: Frame): Buffer {
    const entry = this.#requests.get(frame.first);
    if (!entry) throw new FirmwareError("closed", `HTTP request ${frame.first} is over`);
    return handleReply(entry.request.write(frame.second === 1 ? undefined : frame.bytes.slice()));
  }

  /** The client is gone, and all that was asked of it. */
  #forget(clientHandle: number): void {
    this.#clients.delete(clientHandle);
    for (const [handle, entry] of this.#requests) if (entry.clientHandle === clientHandle) this.#requests.delete(handle);
  }
}

/** A reply that is one number. */
function handleReply(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value, 0);
  return encodeFrame(Status.done, 0, 0, bytes);
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("utf8");
}
