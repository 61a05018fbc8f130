/** The HTTP client suite against this host over loopback, the faultless fake and the broken ones. */
import { HTTPClient } from "../../../hosts/node/http-client.js";
import { describeBroken, describePort } from "../../harness/port-suite.js";
import { BROKEN_HTTP_CLIENT, fakeHTTPClientSubject } from "../../ports/broken/http-client.js";
import { HTTP_CLIENT_OBLIGATIONS } from "../../ports/http-client.js";
import type { HTTPClientSubject } from "../../ports/http-client-conversation.js";
import { Loopback } from "../http/loopback.js";

describePort<HTTPClientSubject & { readonly loopback: Loopback }>(
  "HTTPClient of hosts/node",
  HTTP_CLIENT_OBLIGATIONS,
  () => {
    const loopback = new Loopback();
    return {
      loopback,
      HTTPClient,
      bufferByteLengthMax: 24 * 1024 * 1024,
      serve: (answers) => loopback.serve(answers),
      nobody: () => loopback.nobody(),
      until: (condition) => loopback.until(condition),
      turn: () => loopback.turn(),
    };
  },
  (subject) => subject.loopback.close(),
);

describePort("HTTPClient fake without a fault", HTTP_CLIENT_OBLIGATIONS, () => fakeHTTPClientSubject());
describeBroken("HTTPClient", HTTP_CLIENT_OBLIGATIONS, BROKEN_HTTP_CLIENT);
