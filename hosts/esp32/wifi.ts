/**
 * Joins one Wi-Fi network and stays in it: a lost connection is looked for again, with a doubling wait.
 *
 * The least that an update needs. Choosing between bearers, captive portals and half-open links are a module's work.
 */
import { assert } from "../../src/assert.js";
import { messageOf } from "../../src/errors.js";
import type { Timer, TimerConstructor } from "../../src/ports/timer.js";

const RETRY_FIRST_MS = 1000;
const RETRY_MAX_MS = 60_000;
/** ECMA-419 (Network Interface): at and above it there is an address; at and below `DISCONNECTED` there is no link. */
const ADDRESSED = 500;
const DISCONNECTED = 200;

/** What is used of `embedded:network/interface/wifi`. */
export interface WiFiInterface {
  readonly connection: number;
  readonly address: string | undefined;
  connect(options: { readonly SSID: string; readonly password?: string; readonly secure?: boolean }): void;
  close(): void;
}
export type WiFiConstructor = new (options: {
  readonly onChanged: (this: WiFiInterface, property: string) => void;
}) => WiFiInterface;

export interface WiFiJoinOptions {
  readonly WiFi: WiFiConstructor;
  readonly Timer: TimerConstructor;
  /** 1 … 32 bytes. */
  readonly ssid: string;
  /** Absent for an open network. */
  readonly password?: string | undefined;
  readonly trace: (line: string) => void;
}

/** A network that is being kept. */
export interface WiFiJoin {
  readonly isConnected: boolean;
  /** Leaves the network. A second close does nothing. */
  close(): void;
}

class Join implements WiFiJoin {
  readonly #options: WiFiJoinOptions;
  readonly #wifi: WiFiInterface;
  readonly #retry: Timer;
  #waitMs = RETRY_FIRST_MS;
  #isConnected = false;
  #isClosed = false;

  constructor(options: WiFiJoinOptions) {
    const { ssid } = options;
    assert(ssid.length >= 1 && ssid.length <= 32, "joinWiFi: an SSID has 1 … 32 bytes");
    this.#options = options;
    this.#retry = new options.Timer({ onExpire: () => this.#connect() });
    this.#wifi = new options.WiFi({ onChanged: () => this.#look() });
    this.#connect();
  }

  get isConnected(): boolean {
    return this.#isConnected;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#isConnected = false;
    this.#retry.close();
    this.#wifi.close();
  }

  #connect(): void {
    const { ssid, password } = this.#options;
    try {
      this.#wifi.connect(password ? { SSID: ssid, password, secure: true } : { SSID: ssid });
    } catch (error) {
      this.#wait(messageOf(error));
    }
  }

  /** The property may have changed more than once since: what counts is what is now. */
  #look(): void {
    if (this.#isClosed) return;
    const { connection, address } = this.#wifi;
    if (connection >= ADDRESSED) {
      if (!this.#isConnected) this.#options.trace(`Wi-Fi: joined ${this.#options.ssid}, address ${address}`);
      this.#isConnected = true;
      this.#waitMs = RETRY_FIRST_MS;
      this.#retry.disarm();
    } else if (connection <= DISCONNECTED) {
      this.#wait("no connection");
    }
  }

  #wait(because: string): void {
    this.#isConnected = false;
    this.#options.trace(`Wi-Fi: ${this.#options.ssid}: ${because}, again in ${this.#waitMs / 1000} s`);
    this.#retry.arm(this.#waitMs);
    this.#waitMs = Math.min(2 * this.#waitMs, RETRY_MAX_MS);
  }
}

/** Starts joining and goes on in the background. The password is never shown. */
export function joinWiFi(options: WiFiJoinOptions): WiFiJoin {
  return new Join(options);
}
