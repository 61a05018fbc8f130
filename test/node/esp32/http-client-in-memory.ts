/** The port's suite over the ESP32's HTTP client on a network in memory: as Node runs it, and as the device's engine does. */
import { createHTTPClient } from "../../../hosts/esp32/http/http-client.js";
import { equal } from "../../harness/expect.js";
import { describePort } from "../../harness/port-suite.js";
import { HTTP_CLIENT_OBLIGATIONS } from "../../ports/http-client.js";
import type { HTTPClientSubject } from "../../ports/http-client-conversation.js";
import { MemoryNetwork, WINDOW_SIZE_BYTES } from "./moddable/memory-network.js";

describePort<HTTPClientSubject & { readonly network: MemoryNetwork }>(
  "HTTPClient on the ESP32, in memory",
  HTTP_CLIENT_OBLIGATIONS,
  () => {
    const network = new MemoryNetwork();
    return {
      network,
      HTTPClient: createHTTPClient({ Timer: network.Timer }),
      bufferByteLengthMax: 10 * WINDOW_SIZE_BYTES,
      serve: async (answers) => network.serve(answers),
      nobody: async () => network.optionsFor(7000),
      until: (condition) => network.loop.until(condition),
      turn: () => network.loop.turn(),
    };
  },
  ({ network }) => equal(network.crashes, [], "what would have restarted the chip"),
);
