/** `holdfast ota keys`: one role's pair of key files. */
import { createKeyFiles } from "../../hosts/node/signing/key-pair.js";

/** Makes the pair and says what to do with each half. */
export function keysCommand(file: string): number {
  const { id } = createKeyFiles(file);
  console.log(`key ${Buffer.from(id).toString("hex")}`);
  console.log(`${file}: the private half, for its owner alone. There is no copy: keep one where nobody else gets at it.`);
  console.log(`${file}.pub: the public half, for the firmware and for holdfast ota verify`);
  return 0;
}
