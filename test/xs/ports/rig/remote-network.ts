/**
 * The device's end of the scripted network: the servers are on the computer that runs the chip, and are told over HTTP what to
 * do and asked what they saw.
 *
 * The suite looks at its servers without waiting, so each wait fetches their state first. The control requests go through the
 * very client that is judged, on an instance of their own; one that fails ends the run, as nothing could be known any more.
 * The other end is test/xs/scripted-network.ts.
 */
import { decodeUTF8, encodeUTF8 } from "../../../../src/data/utf8.js";
import { FirmwareError } from "../../../../src/errors.js";
import type { Host } from "../../../../src/ports/host.js";
import type { HTTPClient, HTTPClientOptions } from "../../../../src/ports/http-client.js";
import type { ScriptedAnswer, ScriptedRequest, ScriptedServer } from "../../../ports/http-client-conversation.js";
import type { HTTPSClientSubject } from "../../../ports/https-client.js";
import { NETWORK_PORT_KEY, SETTINGS_PATH } from "../../host.js";
import { type Address, type LinkName, type Part, type ServerState, shortened } from "./network-words.js";

/** More than the socket buffers of the loopback interface, of which Linux allows 6 MiB to receive and 4 MiB to send. */
const BUFFER_BYTES_MAX = 16 * 1024 * 1024;
/** Questions after which a condition will not come true any more: some seconds. */
const QUESTION_COUNT_MAX = 5000;

/** A subject of both suites. `serveFlawed` is for clients over TLS. */
export interface RemoteNetwork extends HTTPSClientSubject {
  close(): void;
}

class RemoteServer implements ScriptedServer {
  readonly options: HTTPClientOptions;
  requests: readonly ScriptedRequest[] = [];
  openConnectionCount = 0;
  sentByteLength = 0;
  readonly #onNext: () => void;

  constructor(options: HTTPClientOptions, onNext: () => void) {
    this.options = options;
    this.#onNext = onNext;
  }

  next(): void {
    this.#onNext();
  }

  take(state: ServerState): void {
    this.requests = state.requests.map(({ headers, ...request }) => ({ ...request, headers: new Map(headers) }));
    this.openConnectionCount = state.openConnectionCount;
    this.sentByteLength = state.sentByteLength;
  }
}

/** The network, its clients as `link` says. Throws `missing` where the factory set no port, `unsupported` without TLS. */
export function openRemoteNetwork(host: Host, link: "clear" | "secure"): RemoteNetwork {
  const { io: ControlClient, ...controlLayers } = host.network.http.client;
  const client = link === "clear" ? host.network.http.client : host.network.https?.client;
  if (client === undefined) throw new FirmwareError("unsupported", "the host has no network.https; expected HTTP over TLS");
  const { io: Client, ...layers } = client;
  const optionsFor = ({ port, socket }: Address): HTTPClientOptions => {
    return { host: "127.0.0.1", port, ...layers, socket: { ...layers.socket, ...socket } };
  };
  const control = new ControlClient({
    host: "127.0.0.1",
    port: networkPort(host),
    ...controlLayers,
    onError(error) {
      throw error ?? new FirmwareError("io", "the scripted network is gone");
    },
  });
  const servers = new Map<number, RemoteServer>();

  async function look(): Promise<void> {
    const states = (await ask(control, "/look", [...servers.keys()])) as ServerState[];
    for (const state of states) servers.get(state.server)!.take(state);
  }

  async function serve(answers: readonly ScriptedAnswer[], linkName: LinkName): Promise<ScriptedServer> {
    const script = answers.map(withShortBody);
    const { server, ...address } = (await ask(control, "/serve", { script, link: linkName })) as Address & { server: number };
    const remote = new RemoteServer(optionsFor(address), () => void ask(control, "/next", server));
    servers.set(server, remote);
    return remote;
  }

  return {
    HTTPClient: Client,
    bufferByteLengthMax: BUFFER_BYTES_MAX,
    serve: (answers) => serve(answers, link),
    serveFlawed: (flaw) => serve([], flaw),
    async nobody() {
      return optionsFor((await ask(control, "/nobody", link)) as Address);
    },
    async until(condition) {
      for (let count = 0; count < QUESTION_COUNT_MAX; count++) {
        await look();
        if (condition()) return look();
      }
      throw new FirmwareError("timeout", "it never happened");
    },
    async turn() {
      await ask(control, "/turn", null);
      await look();
    },
    close: () => control.close(),
  };
}

function networkPort(host: Host): number {
  const settings = host.keyValue.open({ path: SETTINGS_PATH, format: "string" });
  const port = settings.read(NETWORK_PORT_KEY);
  settings.close();
  if (port === undefined)
    throw new FirmwareError("missing", `no setting ${NETWORK_PORT_KEY}; expected test/xs/run.ts to write it`);
  return Number(port);
}

function withShortBody(answer: ScriptedAnswer): object {
  const { body, ...rest } = answer;
  return body === undefined ? rest : { ...rest, body: body.map((part): Part => shortened(part)) };
}

/** One question and its answer, in the order of the asking. */
function ask(control: HTTPClient, path: string, value: unknown): Promise<unknown> {
  const bytes = encodeUTF8(JSON.stringify(value));
  let sentBytes = 0;
  const pieces: string[] = [];
  return new Promise((resolve) => {
    control.request({
      method: "POST",
      path,
      headers: new Map([["content-length", String(bytes.length)]]),
      onWritable(count) {
        const piece = bytes.subarray(sentBytes, sentBytes + count);
        sentBytes += piece.length;
        if (piece.length > 0) this.write(piece);
      },
      onReadable() {
        const arrived = this.read();
        if (arrived !== undefined) pieces.push(decodeUTF8(new Uint8Array(arrived)));
      },
      onDone: () => resolve(JSON.parse(pieces.join(""))),
    });
  });
}
