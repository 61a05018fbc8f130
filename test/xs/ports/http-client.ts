/** The HTTP client suites on the XS host, against real servers on the loopback interface: in the clear and over TLS. */
import { ok } from "../../harness/expect.js";
import { describePort } from "../../harness/port-suite.js";
import { describe, it } from "../../harness/spec.js";
import { HTTP_CLIENT_OBLIGATIONS } from "../../ports/http-client.js";
import { HTTPS_CLIENT_OBLIGATIONS } from "../../ports/https-client.js";
import { hostUnderTest } from "../host.js";
import { openRemoteNetwork, type RemoteNetwork } from "./rig/remote-network.js";

const openClear = (): RemoteNetwork => openRemoteNetwork(hostUnderTest(), "clear");
const openSecure = (): RemoteNetwork => openRemoteNetwork(hostUnderTest(), "secure");
const close = (network: RemoteNetwork): void => network.close();

describePort("HTTPClient of hosts/xs", HTTP_CLIENT_OBLIGATIONS, openClear, close);
describePort("HTTPClient of hosts/xs, over TLS", HTTP_CLIENT_OBLIGATIONS, openSecure, close);
describePort("HTTPSClient of hosts/xs", HTTPS_CLIENT_OBLIGATIONS, openSecure, close);

describe("HTTPSClient of hosts/xs", () => {
  it("says why it refuses a server, in the chip's words", async () => {
    const network = openSecure();
    const server = await network.serveFlawed("expired");
    const words: string[] = [];
    const client = new network.HTTPClient({ ...server.options, onError: (error) => words.push(error?.message ?? "") });
    client.request({ path: "/there" });
    await network.until(() => words.length > 0);
    ok(
      /^HTTPClient: GET \/there: the certificate of "Update Server" ended at 2021-01-01T00:00:00Z; expected /.test(words[0]!),
      words[0],
    );
    network.close();
  });
});
