/**
 * The computer's end of the scripted network: HTTP servers for the client suite, and one more that takes the script.
 *
 * The servers are those of the Node host's own suite. The device's end is test/xs/ports/rig/remote-network.ts.
 */
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { Loopback } from "../node/http/loopback.js";
import type { ScriptedAnswer, ScriptedServer } from "../ports/http-client-conversation.js";
import { lengthened, type Part, type ServerState } from "./ports/rig/network-words.js";

type Script = readonly (Omit<ScriptedAnswer, "body"> & { readonly body?: readonly Part[] })[];

export class ScriptedNetwork {
  readonly #loopback = new Loopback();
  readonly #servers: ScriptedServer[] = [];
  readonly #control: Server;

  private constructor() {
    this.#control = createServer((request, response) => {
      void this.#reply(request).then(
        (value) => response.end(JSON.stringify(value)),
        () => response.destroy(), // The device's end takes it for the end of the network, and the run ends by name.
      );
    });
  }

  static async open(): Promise<ScriptedNetwork> {
    const network = new ScriptedNetwork();
    await new Promise<void>((resolve) => network.#control.listen(0, "127.0.0.1", resolve));
    return network;
  }

  /** Where the script is taken. */
  get port(): number {
    return (this.#control.address() as AddressInfo).port;
  }

  close(): void {
    this.#loopback.close();
    this.#control.close();
    this.#control.closeAllConnections();
  }

  async #reply(request: IncomingMessage): Promise<unknown> {
    const value: unknown = JSON.parse(await text(request));
    switch (request.url) {
      case "/serve":
        return this.#serve(value as Script);
      case "/nobody":
        return (await this.#loopback.nobody()).port;
      case "/next":
        this.#servers[value as number]!.next();
        return null;
      case "/turn":
        await this.#loopback.turn();
        return null;
      case "/look":
        return (value as number[]).map((server) => stateOf(server, this.#servers[server]!));
      default:
        throw new Error(`scripted network: ${request.url}, expected one of its five words`);
    }
  }

  async #serve(script: Script): Promise<{ server: number; port: number }> {
    const answers = script.map(({ body, ...rest }) => (body === undefined ? rest : { ...rest, body: body.map(lengthened) }));
    const server = this.#servers.push(await this.#loopback.serve(answers)) - 1;
    return { server, port: this.#servers[server]!.options.port! };
  }
}

function stateOf(server: number, scripted: ScriptedServer): ServerState {
  const requests = scripted.requests.map(({ headers, ...request }) => ({ ...request, headers: [...headers] }));
  return { server, requests, openConnectionCount: scripted.openConnectionCount, sentByteLength: scripted.sentByteLength };
}
