/** SHA-256 by Moddable's `crypt`, which says nothing when it is used behind its end. */
import { createDigest } from "../../../hosts/esp32/moddable-digest.js";
import { equal, throws } from "../../harness/expect.js";
import { describePort } from "../../harness/port-suite.js";
import { describe, it } from "../../harness/spec.js";
import { digestObligations } from "../../ports/digest.js";
import { FakeDigest } from "./moddable/crypt.js";

const Digest = createDigest({ Digest: FakeDigest });

describePort("Digest on the ESP32 without the native part", digestObligations, () => ({ Digest }));

describe("ESP32: digest without the native part", () => {
  it("is closed by digest(), where Moddable goes on with what is used up", () => {
    const own = new FakeDigest("SHA256");
    own.close();
    own.write(Uint8Array.of(1));
    equal(own.close().byteLength, 32, "Moddable's second answer");
    const digest = new Digest();
    digest.digest();
    throws(() => digest.write(Uint8Array.of(1)), "closed", /^Digest: used after digest\(\) or close\(\)$/);
    throws(() => digest.digest(), "closed");
    digest.close();
  });

  it("hands Moddable the bytes of a view alone", () => {
    const whole = new Digest();
    const part = new Digest();
    whole.write(Uint8Array.of(2, 3));
    part.write(Uint8Array.of(1, 2, 3, 4).subarray(1, 3));
    equal(part.digest(), whole.digest());
  });
});
