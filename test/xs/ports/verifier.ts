/** The verifier of the XS host: the chip's, over the real wire. */
import { describePort } from "../../harness/port-suite.js";
import { verifierObligations } from "../../ports/verifier.js";
import { hostUnderTest } from "../host.js";

describePort("Verifier of hosts/xs", verifierObligations, () => ({ verifier: hostUnderTest().verifier }));
