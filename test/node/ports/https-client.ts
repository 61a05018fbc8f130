/** Both suites of the HTTP client, over TLS: this host's over loopback, and broken ones. */
import { HTTPSClient } from "../../../hosts/node/http-client.js";
import { describeBroken, describePort } from "../../harness/port-suite.js";
import { after, describe } from "../../harness/spec.js";
import { brokenHTTPSClients } from "../../ports/broken/https-client.js";
import { HTTP_CLIENT_OBLIGATIONS } from "../../ports/http-client.js";
import { HTTPS_CLIENT_OBLIGATIONS, type HTTPSClientSubject } from "../../ports/https-client.js";
import { Loopback } from "../http/loopback.js";
import { TLSWorld } from "../http/tls-link.js";

interface Subject extends HTTPSClientSubject {
  close(): void;
}

function open(): Subject {
  const world = new TLSWorld();
  const loopback = new Loopback(world.link());
  return {
    HTTPClient: HTTPSClient,
    bufferByteLengthMax: 24 * 1024 * 1024,
    serve: (answers) => loopback.serve(answers),
    serveFlawed: (flaw) => loopback.serve([], world.flawed(flaw)),
    nobody: () => loopback.nobody(),
    until: (condition) => loopback.until(condition),
    turn: () => loopback.turn(),
    close: () => loopback.close(),
  };
}

const close = (subject: Subject): void => subject.close();

describePort("HTTPClient of hosts/node, over TLS", HTTP_CLIENT_OBLIGATIONS, open, close);
describePort("HTTPSClient of hosts/node", HTTPS_CLIENT_OBLIGATIONS, open, close);

describe("HTTPSClient, broken", () => {
  const opened: Subject[] = [];
  const openToBreak = (): Subject => {
    const subject = open();
    opened.push(subject);
    return subject;
  };
  after(() => opened.forEach(close));
  describeBroken("HTTPSClient", HTTPS_CLIENT_OBLIGATIONS, brokenHTTPSClients(openToBreak));
});
