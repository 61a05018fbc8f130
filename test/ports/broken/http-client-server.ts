/**
 * The server and the event loop of the fake HTTP client: scripted answers without sockets.
 *
 * Whatever is to happen is a step in a list, so that a spec can say when, and sees at once what never will.
 */
import type { HTTPClientOptions } from "../../../src/ports/http-client.js";
import type { ScriptedAnswer, ScriptedRequest, ScriptedServer } from "../http-client-conversation.js";

/** Steps in the order in which they fell due; each runs with nothing else on the stack. */
export class FakeLoop {
  readonly #due: (() => void)[] = [];

  later(step: () => void): void {
    this.#due.push(step);
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      const step = this.#due.shift();
      if (step === undefined) throw new Error("it never happens");
      step();
    }
  }

  turn(): Promise<void> {
    return this.until(() => this.#due.length === 0);
  }
}

/** What a server needs of the client's end. */
export interface Receiver {
  respond(answer: ScriptedAnswer, contentLength: number): void;
  /** Something came that is no response. */
  garbled(): void;
  /** How many bytes may arrive. */
  room(): number;
  arrive(chunk: string): void;
  /** The connection is gone. */
  lost(isReset: boolean): void;
}

export class FakeServer implements ScriptedServer {
  readonly requests: ScriptedRequest[] = [];
  readonly options: HTTPClientOptions;
  readonly #answers: ScriptedAnswer[];
  openConnectionCount = 0;
  sentByteLength = 0;
  #receiver: Receiver | undefined;
  #parts: string[] = [];
  #end: ScriptedAnswer["end"];
  #unsent = "";

  constructor(port: number, answers: readonly ScriptedAnswer[]) {
    this.options = { host: "fake", port, socket: {}, dns: {} };
    this.#answers = [...answers];
  }

  receive(receiver: Receiver, request: ScriptedRequest): void {
    this.requests.push(request);
    const answer = this.#answers.shift() ?? {};
    this.#receiver = receiver;
    this.#parts = [...(answer.body ?? [])];
    this.#end = answer.end ?? "close";
    if (answer.raw !== undefined) receiver.garbled();
    else receiver.respond(answer, answer.contentLength ?? this.#parts.join("").length);
    this.next();
  }

  next(): void {
    this.#unsent += this.#parts.shift() ?? "";
    this.pump();
    const isShort = this.#parts.length === 0 && this.#unsent === "";
    if (isShort && this.#end !== "hold") this.#receiver?.lost(this.#end === "reset");
  }

  pump(): void {
    const room = this.#receiver?.room() ?? 0;
    const chunk = this.#unsent.slice(0, room);
    this.#unsent = this.#unsent.slice(chunk.length);
    this.sentByteLength += chunk.length;
    if (chunk !== "") this.#receiver?.arrive(chunk);
  }
}
