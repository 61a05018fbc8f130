/** What NVS, as Moddable exposes it, does otherwise than the KeyValue port says, and that the adapter mends it. */
import { openKeyValueStorage } from "../../../hosts/esp32/key-value.js";
import type { KeyValueDomain, KeyValueFormat, KeyValueOpenOptions } from "../../../src/ports/key-value.js";
import { equal, ok, throws } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { PowerCut } from "../storage/device.js";
import { FakeNVS, fakeKeyValueModule } from "./moddable/key-value.js";

function openDevice(keepsDuplicates = false) {
  const nvs = new FakeNVS();
  nvs.keepsDuplicates = keepsDuplicates;
  const module = fakeKeyValueModule(nvs);
  const storage = openKeyValueStorage({ storage: module });
  const open = (format: KeyValueFormat, options: Partial<KeyValueOpenOptions> = {}): KeyValueDomain =>
    storage.open({ path: "settings", format, ...options });
  return { nvs, module, storage, open };
}

function readsAs(domain: KeyValueDomain, key: string, format: KeyValueFormat): unknown {
  domain.format = format;
  try {
    return domain.read(key);
  } catch (error) {
    ok(error instanceof TypeError, String(error));
    return "a TypeError";
  }
}

describe("ESP32: key-value", () => {
  it("throws TypeError for an integer in another format, which reads as absent in Moddable", () => {
    const { module, open } = openDevice();
    const domain = open("string");
    domain.write("text", "seven");
    domain.format = "uint8";
    domain.write("small", 7);
    const own = module.open({ path: "settings", mode: "r" });
    own.format = "uint16";
    equal([own.read("text"), own.read("small")], [undefined, undefined], "Moddable's answers");
    equal(
      ["text", "small", "absent"].map((key) => readsAs(domain, key, "uint16")),
      ["a TypeError", "a TypeError", undefined],
    );
    const error = throws(() => domain.read("text"), /^key-value "text": written in another format/) as Error;
    equal(error.name, "TypeError");
  });

  it("refuses numbers that Moddable cuts to the format's width", () => {
    const { module, open } = openDevice();
    const own = module.open({ path: "settings", mode: "r+" });
    own.format = "uint8";
    own.write("key", 300);
    equal(own.read("key"), 44, "Moddable's");
    const domain = open("uint8");
    throws(() => domain.write("key", 300), /^key-value: 300 in the format uint8, expected an integer of 8 bits$/);
    equal(domain.read("key"), 44, "afterwards");
  });

  it("takes digits and bigints for every integer format", () => {
    const domain = openDevice().open("uint64");
    domain.write("wide", 5);
    equal(domain.read("wide"), 5n);
    domain.format = "int8";
    for (const value of [-5n, "-5", -5]) {
      domain.write("narrow", value);
      equal(domain.read("narrow"), -5);
    }
  });

  it("fills a buffer, though Moddable takes none", () => {
    const { open } = openDevice();
    const domain = open("buffer");
    domain.write("key", new Uint16Array([0x0201, 0x0403]) as unknown as Uint8Array);
    const target = new Uint8Array(6);
    equal(domain.read("key", target.subarray(1)), 4);
    equal(target, Uint8Array.of(0, 1, 2, 3, 4, 0));
    throws(
      () => domain.read("key", new Uint8Array(3)),
      "invalid",
      /a buffer of 3 bytes, expected at least the 4 of the value$/,
    );
  });

  it("reads a domain that nobody wrote as empty, and makes none for a reader", () => {
    const { nvs, module, open } = openDevice();
    throws(() => module.open({ path: "settings", mode: "r" }), /ESP_ERR_NVS_NOT_FOUND/);
    const reader = open("uint8", { mode: "r" });
    equal([reader.read("key"), [...reader]], [undefined, []]);
    equal([...nvs.namespaces], [], "the namespaces");
    open("uint8").write("key", 1);
    equal([reader.read("key"), [...reader]], [1, ["key"]], "once it was written");
    throws(() => reader.write("key", 2), "refused", /^key-value "settings": write in mode "r", expected "r\+"$/);
    reader.close();
    throws(() => reader.read("key"), "closed");
  });

  it("refuses names that NVS would cut, and a path whose end Moddable drops", () => {
    const { module, storage, open } = openDevice();
    const domain = open("uint8");
    domain.write("exactly-15-long", 1);
    const own = module.open({ path: "settings", mode: "r" });
    own.format = "uint8";
    equal(own.read("exactly-15-long-not"), 1, "Moddable finds another's value");
    const expected = /^key-value: the key has 19 bytes, expected 1 … 15 bytes of UTF-8$/;
    throws(() => domain.read("exactly-15-long-not"), "invalid", expected);
    throws(() => domain.delete("exactly-15-long-not"), "invalid", expected);
    throws(() => domain.write("größer-als-15-b", 1), "invalid", /has 17 bytes/);
    throws(() => domain.write("fourteen-and-\u0000-", 1), "invalid", /has 16 bytes/);
    throws(() => domain.write("half-\ud800", 1), "invalid");
    for (const path of ["", "sixteen-bytes-12", "settings/"]) throws(() => storage.open({ path }), "invalid");
    throws(() => storage.open({ path: 7 as unknown as string }), "invalid", /the path is a number, expected text$/);
    equal([...domain], ["exactly-15-long"]);
  });

  it("says which refusals of NVS are full, too long, or neither", () => {
    const { nvs, open } = openDevice();
    const domain = open("buffer");
    throws(() => domain.write("key", new Uint8Array(12_001)), "invalid", /VALUE_TOO_LONG$/);
    domain.write("big", new Uint8Array(8000));
    throws(() => domain.write("key", new Uint8Array(8000)), "full", /NOT_ENOUGH_SPACE$/);
    domain.format = "string";
    throws(() => domain.write("key", "x".repeat(4000)), "invalid", /a text of 4000 bytes, expected at most 3999$/);
    domain.write("key", "x".repeat(3000));
    nvs.onChange = () => {
      throw new Error("ESP_ERR_NVS_REMOVE_FAILED");
    };
    throws(() => domain.write("key", "y"), "io", /^key-value "key": ESP_ERR_NVS_REMOVE_FAILED$/);
    const failing = openKeyValueStorage({
      storage: {
        open: () => {
          throw new Error("ESP_ERR_NVS_NOT_INITIALIZED");
        },
      },
    });
    throws(() => failing.open({ path: "settings" }), "io");
    throws(() => failing.open({ path: "settings", mode: "r" }), "io");
  });

  it("lets a loop over the keys end at the last one and write meanwhile, where Moddable's iterator throws", () => {
    const { module, open } = openDevice();
    const domain = open("uint8");
    for (const key of ["a", "b"]) domain.write(key, 1);
    const leaveAtLast = (keys: Iterable<string>): void => {
      for (const key of keys) if (key === "b") break;
    };
    throws(() => leaveAtLast(module.open({ path: "settings", mode: "r" })));
    leaveAtLast(domain);
    const seen: string[] = [];
    for (const key of domain) {
      seen.push(key);
      domain.write(`${key}-new`, 2);
      domain.delete("b");
    }
    equal(seen, ["a", "b"]);
  });

  it("keeps the target", () => {
    const target = { owner: "the application" };
    const domain = openDevice().storage.open({ path: "settings", target } as { path: string });
    ok((domain as { target?: unknown }).target === target, "the target");
  });
});

/** Runs `body` until `count` entries have changed, as a cut does; then the chip starts again. True where it came to the end. */
function cutAfter(nvs: FakeNVS, count: number, body: () => void): boolean {
  let left = count;
  nvs.onChange = () => {
    if (--left < 0) throw new PowerCut("power cut");
  };
  let isWhole = true;
  try {
    body();
  } catch {
    isWhole = false;
  }
  nvs.onChange = () => {};
  nvs.restart();
  return isWhole;
}

for (const keepsDuplicates of [false, true]) {
  const which = keepsDuplicates ? "that keeps values of other types" : "that replaces values of other types";
  describe(`ESP32: key-value, a change of format over an NVS ${which}`, () => {
    const KEY = "key";
    /** A uint8 of 7 that was being replaced by a text when the power went, and what is left of it. */
    function cutOff(count: number) {
      const { nvs, storage, open } = openDevice(keepsDuplicates);
      open("uint8").write(KEY, 7);
      const isWhole = cutAfter(nvs, count, () => open("string").write(KEY, "new"));
      return { nvs, isWhole, domain: storage.open({ path: "settings" }) };
    }

    it("leaves the old value or the new one after a cut at each step", () => {
      let count = 0;
      const found: string[] = [];
      for (let isWhole = false; !isWhole; count++) {
        const { domain, ...rest } = cutOff(count);
        isWhole = rest.isWhole;
        const both = [readsAs(domain, KEY, "uint8"), readsAs(domain, KEY, "string")];
        found.push(both.map((value) => String(value)).join(" | "));
        equal([...domain], [KEY], "the keys");
      }
      equal(
        found.slice(0, -1).every((text) => text === "7 | a TypeError" || text === "a TypeError | new"),
        true,
        found.join(),
      );
      equal(found.at(-1), "a TypeError | new");
      ok(count >= 2, `${count} cuts`);
    });

    it("brings no hidden value to light at a later write, of the old format or of the new one", () => {
      for (const [format, value] of [
        ["uint8", 8],
        ["string", "newer"],
        ["buffer", Uint8Array.of(1, 2).buffer],
      ] as const) {
        for (const count of [0, 1, 2, 3]) {
          const { domain } = cutOff(count);
          domain.format = format;
          domain.write(KEY, value);
          const formats = ["uint8", "string", "buffer"] as const;
          equal(
            formats.map((other) => readsAs(domain, KEY, other)),
            formats.map((other) => (other === format ? value : "a TypeError")),
            `${format} after a cut behind ${count} steps`,
          );
          equal([...domain], [KEY]);
        }
      }
    });

    it("removes what is hidden together with what is seen", () => {
      for (const count of [0, 1, 2, 3]) {
        const { domain, nvs } = cutOff(count);
        domain.delete(KEY);
        equal(
          ["uint8", "string", "buffer"].map((format) => readsAs(domain, KEY, format as KeyValueFormat)),
          [undefined, undefined, undefined],
        );
        equal(nvs.entries.length, 0, "the entries");
      }
    });
  });
}

describe("ESP32: key-value over a storage that forgets", () => {
  it("says io where a value does not read back, or is there after its removal", () => {
    const { nvs, module } = openDevice();
    const storage = openKeyValueStorage({
      storage: {
        open(options) {
          const domain = module.open(options);
          const write = domain.write.bind(domain);
          domain.write = (key, value) => write(key, typeof value === "number" ? value ^ 1 : value);
          domain.delete = () => {};
          return domain;
        },
      },
    });
    const domain = storage.open({ path: "settings", format: "uint8" });
    throws(() => domain.write("key", 6), "io", /^key-value "key": reads otherwise than it was written$/);
    throws(() => domain.delete("key"), "io", /^key-value "key": is there after its removal$/);
    equal(nvs.entries.length, 1);
  });
});
