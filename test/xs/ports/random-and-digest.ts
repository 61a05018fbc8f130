/** Random and digest of the XS host: both come from the chip, over the real wire. */
import { describePort } from "../../harness/port-suite.js";
import { digestObligations } from "../../ports/digest.js";
import { randomObligations } from "../../ports/random.js";
import { hostUnderTest } from "../host.js";

describePort("Random of hosts/xs", randomObligations, () => ({ random: hostUnderTest().random }));
describePort("Digest of hosts/xs", digestObligations, () => ({ Digest: hostUnderTest().Digest }));
