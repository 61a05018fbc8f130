/** Wi-Fi on the ESP32: what Moddable's class does, and what the adapter makes of it. */
import { createTimer } from "../../../hosts/esp32/timer.js";
import { joinWiFi, type WiFiInterface } from "../../../hosts/esp32/wifi.js";
import { equal } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { FakeLoop } from "./moddable/time.js";

/** Wi-Fi whose access point comes and goes. */
class FakeWiFi implements WiFiInterface {
  static last: FakeWiFi;
  static refusal: string | undefined;
  connection = 200;
  address: string | undefined;
  readonly attempts: object[] = [];
  closeCount = 0;
  readonly #onChanged: (this: WiFiInterface, property: string) => void;

  constructor(options: { readonly onChanged: (this: WiFiInterface, property: string) => void }) {
    this.#onChanged = options.onChanged;
    FakeWiFi.last = this;
  }

  connect(options: object): void {
    this.attempts.push(options);
    if (FakeWiFi.refusal !== undefined) throw new Error(FakeWiFi.refusal);
    this.connection = 300;
  }

  become(connection: number, address?: string): void {
    this.connection = connection;
    this.address = address;
    this.#onChanged.call(this, "connection");
  }

  close(): void {
    this.closeCount++;
  }
}

function openWiFi(password?: string) {
  const loop = new FakeLoop();
  const lines: string[] = [];
  const Timer = createTimer({ timer: loop.timer });
  FakeWiFi.refusal = undefined;
  const join = joinWiFi({ WiFi: FakeWiFi, Timer, ssid: "workshop", password, trace: (line) => void lines.push(line) });
  return { loop, lines, join, wifi: FakeWiFi.last };
}

describe("ESP32: Wi-Fi", () => {
  it("joins, and says so once with its address", () => {
    const { wifi, join, lines } = openWiFi("secret");
    equal(wifi.attempts, [{ SSID: "workshop", password: "secret", secure: true }]);
    wifi.become(400);
    equal(join.isConnected, false, "without an address");
    wifi.become(500, "192.168.1.57");
    wifi.become(500, "192.168.1.57");
    equal([join.isConnected, lines], [true, ["Wi-Fi: joined workshop, address 192.168.1.57"]]);
  });

  it("joins an open network without a password", () => {
    equal(openWiFi().wifi.attempts, [{ SSID: "workshop" }]);
  });

  it("looks again for a network that is lost, with a doubling wait of a minute at most", () => {
    const { wifi, loop, join } = openWiFi();
    wifi.become(500, "10.0.0.2");
    for (const waitMs of [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]) {
      const before = wifi.attempts.length;
      wifi.become(200);
      equal(join.isConnected, false);
      loop.advance(waitMs - 1);
      equal(wifi.attempts.length, before, `before ${waitMs} ms`);
      loop.advance(1);
      equal(wifi.attempts.length, before + 1, `after ${waitMs} ms`);
    }
    wifi.become(500, "10.0.0.2");
    wifi.become(200);
    loop.advance(1000);
    equal(wifi.connection, 300, "a success makes the wait short again");
  });

  it("takes a refusal of connect() for a loss", () => {
    const { wifi, loop, lines } = openWiFi();
    FakeWiFi.refusal = "connect failed";
    wifi.become(200);
    loop.advance(1000);
    equal(lines.at(-1), "Wi-Fi: workshop: connect failed, again in 2 s");
    FakeWiFi.refusal = undefined;
    loop.advance(2000);
    equal(wifi.connection, 300);
  });

  it("is left for good by close(), once", () => {
    const { wifi, loop, join } = openWiFi();
    wifi.become(200);
    join.close();
    join.close();
    loop.advance(100_000);
    equal([wifi.attempts.length, wifi.closeCount, join.isConnected], [1, 1, false]);
    wifi.become(500, "10.0.0.2");
    equal(join.isConnected, false);
  });
});
