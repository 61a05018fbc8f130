/** A simulated flash outlives its process in a file, and belongs to one process at a time. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NorFlash } from "../../../hosts/node/nor-flash.js";
import { equal, ok, throws } from "../../harness/expect.js";
import { afterEach, beforeEach, describe, it } from "../../harness/spec.js";

const SIZE_BYTES = 8192;
let folder = "";
let file = "";

function open(): NorFlash {
  return new NorFlash({ sizeBytes: SIZE_BYTES, file });
}

/** The id of a process that has ended. */
function deadProcessId(): number {
  return spawnSync(process.execPath, ["--version"], { env: {} }).pid;
}

describe("NorFlash in a file", () => {
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "nor-flash-"));
    file = join(folder, "flash.bin");
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("makes an erased file where there is none, and where it is empty", () => {
    open().close();
    equal(readFileSync(file), Buffer.alloc(SIZE_BYTES, 0xff));
    writeFileSync(file, "");
    open().close();
    equal(readFileSync(file), Buffer.alloc(SIZE_BYTES, 0xff));
    equal(readdirSync(folder), ["flash.bin"], "nothing else is left behind");
  });

  it("finds everything again after it was closed and opened", () => {
    const flash = open();
    flash.program(4096, Uint8Array.from([1, 2, 3, 4]));
    flash.program(0, new Uint8Array(8));
    flash.eraseSector(0);
    flash.flipBit(8, 0);
    const before = flash.snapshot();
    flash.close();
    const again = open();
    equal(again.snapshot(), before);
    again.close();
  });

  it("has each step in the file when the hook is called", () => {
    const seen: number[] = [];
    const onStep = (step: { offset: number }) => void seen.push(readFileSync(file)[step.offset]!);
    const flash = new NorFlash({ sizeBytes: SIZE_BYTES, file, onStep });
    flash.program(0, Uint8Array.from([1, 1, 1, 1, 2, 2, 2, 2]));
    flash.eraseSector(0);
    flash.close();
    equal(seen, [1, 2, 255, 255, 255, 255, 255, 255, 255, 255]);
  });

  it("refuses a file of another size, names both, and leaves it as it is", () => {
    writeFileSync(file, "not a flash");
    throws(open, "invalid", /11 bytes, expected 8192/);
    equal(readFileSync(file, "utf8"), "not a flash");
    ok(!existsSync(`${file}.lock`), "the lock was left behind");
  });

  it("refuses a second opening while the first lasts, and names the process", () => {
    const flash = open();
    throws(open, "busy", new RegExp(`process ${process.pid} holds`));
    equal(readFileSync(`${file}.lock`, "utf8").trim(), String(process.pid), "the lock");
    flash.close();
    flash.close();
    open().close();
  });

  it("does not take the lock of another process that lives", () => {
    writeFileSync(`${file}.lock`, `${process.ppid}\n`);
    throws(open, "busy", new RegExp(`process ${process.ppid} holds`));
    equal(readFileSync(`${file}.lock`, "utf8"), `${process.ppid}\n`, "the lock afterwards");
  });

  it("takes over the lock of a process that has ended, or that ended while it wrote it", () => {
    for (const content of [`${deadProcessId()}\n`, ""]) {
      writeFileSync(`${file}.lock`, content);
      const flash = open();
      equal(readFileSync(`${file}.lock`, "utf8").trim(), String(process.pid));
      flash.close();
      equal(readdirSync(folder), ["flash.bin"], "nothing else is left behind");
    }
  });

  it("shows after a kill exactly the steps that were done", () => {
    const url = new URL("../../../hosts/node/nor-flash.ts", import.meta.url).href;
    const program = `
      const { NorFlash } = await import(${JSON.stringify(url)});
      const onStep = (step) => { if (step.index === 2) process.kill(process.pid, "SIGKILL"); };
      const flash = new NorFlash({ sizeBytes: ${SIZE_BYTES}, file: ${JSON.stringify(file)}, onStep });
      flash.program(0, new Uint8Array(64));`;
    const options = { cwd: new URL("../../..", import.meta.url) };
    const ended = spawnSync(process.execPath, ["--import", "tsx", "--input-type=module", "--eval", program], options);
    equal(ended.signal, "SIGKILL", String(ended.stderr));
    const flash = open();
    equal(
      flash.read(0, 64),
      Uint8Array.from({ length: 64 }, (_, index) => (index < 12 ? 0 : 0xff)),
    );
    flash.close();
  });
});
