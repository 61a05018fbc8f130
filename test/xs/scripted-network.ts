/**
 * The computer's end of the scripted network: HTTP servers for the client suite, and one more that takes the script.
 *
 * The servers are those of the Node host's own suite. The device's end is test/xs/ports/rig/remote-network.ts.
 */
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { HTTPClientOptions } from "../../src/ports/http-client.js";
import { type Link, Loopback } from "../node/http/loopback.js";
import { TLSWorld } from "../node/http/tls-link.js";
import type { ScriptedAnswer, ScriptedServer } from "../ports/http-client-conversation.js";
import { type Address, type LinkName, lengthened, type Part, type ServerState } from "./ports/rig/network-words.js";

/** What a new server is told. */
interface Order {
  readonly script: readonly (Omit<ScriptedAnswer, "body"> & { readonly body?: readonly Part[] })[];
  readonly link: LinkName;
}

export class ScriptedNetwork {
  readonly #loopback = new Loopback();
  readonly #world = new TLSWorld();
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
        return this.#serve(value as Order);
      case "/nobody":
        return addressOf(await this.#loopback.nobody(this.#linkOf(value as LinkName)));
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

  #linkOf(name: LinkName): Link | undefined {
    if (name === "clear") return undefined;
    return name === "secure" ? this.#world.link() : this.#world.flawed(name);
  }

  async #serve({ script, link }: Order): Promise<Address & { readonly server: number }> {
    const answers = script.map(({ body, ...rest }) => (body === undefined ? rest : { ...rest, body: body.map(lengthened) }));
    const server = this.#servers.push(await this.#loopback.serve(answers, this.#linkOf(link))) - 1;
    return { server, ...addressOf(this.#servers[server]!.options) };
  }
}

function addressOf({ port, socket }: HTTPClientOptions): Address {
  return { port: port!, socket };
}

function stateOf(server: number, scripted: ScriptedServer): ServerState {
  const requests = scripted.requests.map(({ headers, ...request }) => ({ ...request, headers: [...headers] }));
  return { server, requests, openConnectionCount: scripted.openConnectionCount, sentByteLength: scripted.sentByteLength };
}
