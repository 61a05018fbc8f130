/**
 * The port's suite over the ESP32's HTTP client, on sockets of Node that behave as Moddable's: with a resolver that is a
 * stand-in everywhere, and with the SDK's own where `$MODDABLE` names one. Whatever leaves a callback is a failure.
 */
import type { DNSResolver } from "../../../hosts/esp32/http/connection.js";
import { createHTTPClient } from "../../../hosts/esp32/http/http-client.js";
import { createTimer } from "../../../hosts/esp32/timer.js";
import type { HTTPClientOptions } from "../../../src/ports/http-client.js";
import { equal, ok } from "../../harness/expect.js";
import { describePort } from "../../harness/port-suite.js";
import { before } from "../../harness/spec.js";
import { HTTP_CLIENT_OBLIGATIONS } from "../../ports/http-client.js";
import type { HTTPClientSubject } from "../../ports/http-client-conversation.js";
import { Loopback } from "../http/loopback.js";
import { crashes, FakeResolver, FakeTCP, loadResolver, turns } from "./moddable/tcp.js";

type ResolverConstructor = new (options: object) => DNSResolver;

function describeOver(what: string, resolver: () => ResolverConstructor): void {
  const over = (options: HTTPClientOptions): HTTPClientOptions => ({
    ...options,
    socket: { io: FakeTCP },
    dns: { io: resolver(), servers: ["127.0.0.1"], socket: { io: class {} } },
  });
  describePort<HTTPClientSubject & { readonly loopback: Loopback }>(
    `HTTPClient on the ESP32, over ${what}`,
    HTTP_CLIENT_OBLIGATIONS,
    () => {
      const loopback = new Loopback();
      crashes.length = 0;
      return {
        loopback,
        HTTPClient: createHTTPClient({ Timer: createTimer({ timer: turns }) }),
        bufferByteLengthMax: 8 * 1024 * 1024,
        serve: async (answers) => {
          const server = await loopback.serve(answers);
          return Object.assign(server, { options: over(server.options) });
        },
        nobody: async () => over(await loopback.nobody()),
        until: (condition) => loopback.until(condition),
        turn: () => loopback.turn(),
      };
    },
    ({ loopback }) => {
      loopback.close();
      for (const socket of FakeTCP.open) socket.close();
      equal(crashes, [], "what would have restarted the chip");
    },
  );
}

describeOver("a resolver like the SDK's", () => FakeResolver);

if (process.env["MODDABLE"]) describeSDK();
else console.log("  the resolver of the Moddable SDK is skipped: $MODDABLE is not set");

function describeSDK(): void {
  let Resolver: ResolverConstructor;
  before(async () => {
    const loaded = await loadResolver();
    ok(loaded, "$MODDABLE has no examples/io/udp/dns/dns.js");
    Resolver = loaded;
  });
  describeOver("the SDK's resolver", () => Resolver);
}
