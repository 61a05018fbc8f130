/** Verifiers with one fault each: what the suite of the Verifier port must notice. */
import type { Verifier, VerifyRequest } from "../../../src/ports/verifier.js";
import type { Broken } from "../../harness/port-suite.js";
import type { VerifierSubject } from "../verifier.js";

type Verify = (request: VerifyRequest, right: Verifier) => boolean;

/** `open` gives a right one. */
export function brokenVerifiers(open: () => VerifierSubject): readonly Broken<VerifierSubject>[] {
  const broken = (must: string, fault: string, verify: Verify): Broken<VerifierSubject> => ({
    must,
    fault,
    open() {
      const right = open().verifier;
      return { verifier: { verify: (request) => verify(request, right) } };
    },
  });
  const isZero = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0);
  return [
    broken("answer true for the key's own signatures", "answers false", () => false),
    broken("answer false for another message", "answers true where the signature is one of the key's", (request, right) =>
      right.verify(request) ? true : !isZero(request.signature) && request.signature[0] === 0xef,
    ),
    broken("answer false where any byte of r or s is another", "does not look at the last byte", (request, right) => {
      const signature = request.signature.slice();
      signature[63] = 0xa8;
      return right.verify({ ...request, signature });
    }),
    broken(
      "answer false for r or s of 0 or not below the order, and come back",
      "takes r and s of 0, as a library without the check once did",
      (request, right) => isZero(request.signature) || right.verify(request),
    ),
    broken("answer false for a key that is no point of the curve", "throws for a key that it cannot read", (request, right) => {
      if (isZero(request.publicKey)) throw new Error("invalid key");
      return right.verify(request);
    }),
    broken("answer false for a key or a signature of another length", "throws for them", (request, right) => {
      if (request.publicKey.length !== 64 || request.signature.length !== 64) throw new RangeError("64 bytes");
      return right.verify(request);
    }),
    broken("not change what it is given", "clears the signature", (request, right) => {
      const answer = right.verify(request);
      request.signature.fill(0);
      return answer;
    }),
  ];
}
