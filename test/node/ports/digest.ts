/** The Digest suite over node:crypto, and over broken digests. */
import { Digest } from "../../../hosts/node/digest.js";
import { describeBroken, describePort } from "../../harness/port-suite.js";
import { brokenDigests } from "../../ports/broken/digest.js";
import { digestObligations } from "../../ports/digest.js";

const open = () => ({ Digest });

describePort("Digest of hosts/node", digestObligations, open);
describeBroken("Digest", digestObligations, brokenDigests(open));
