/** The HTTP client suite on the XS host, against real servers on the loopback interface. */
import { describePort } from "../../harness/port-suite.js";
import { HTTP_CLIENT_OBLIGATIONS } from "../../ports/http-client.js";
import type { HTTPClientSubject } from "../../ports/http-client-conversation.js";
import { hostUnderTest } from "../host.js";
import { openRemoteNetwork, type RemoteNetwork } from "./rig/remote-network.js";

describePort<HTTPClientSubject & RemoteNetwork>(
  "HTTPClient of hosts/xs",
  HTTP_CLIENT_OBLIGATIONS,
  () => openRemoteNetwork(hostUnderTest()),
  (network) => network.close(),
);
