/** The Verifier suite over node:crypto, and over broken verifiers. */
import { verifier } from "../../../hosts/node/verifier.js";
import { describeBroken, describePort } from "../../harness/port-suite.js";
import { brokenVerifiers } from "../../ports/broken/verifier.js";
import { verifierObligations } from "../../ports/verifier.js";

const open = () => ({ verifier });

describePort("Verifier of hosts/node", verifierObligations, open);
describeBroken("Verifier", verifierObligations, brokenVerifiers(open));
