/** Whether a request carries the token that the server demands, as hawkBit's devices send it. */
import { createHash, timingSafeEqual } from "node:crypto";
import { Refusal } from "./refusal.js";

const CREDENTIALS = /^TargetToken +(.+)$/i;

/** Throws a Refusal (401). The comparison takes as long for a token that is nearly right as for one that is not. */
export function demandTargetToken(authorization: string | undefined, token: string): void {
  const [, given = ""] = CREDENTIALS.exec(authorization?.trim() ?? "") ?? [];
  if (timingSafeEqual(digestOf(given), digestOf(token))) return;
  throw new Refusal(401, "Authorization: expected TargetToken and the device's token", {
    headers: { "www-authenticate": 'TargetToken realm="DDI"' },
  });
}

function digestOf(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
