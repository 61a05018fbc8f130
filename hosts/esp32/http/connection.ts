/**
 * One TCP connection to a host by its name: resolving, connecting, what has arrived, and its end.
 *
 * What arrives waits in the socket, where it holds the sender back; only what has to be parsed is taken into a window of
 * 512 bytes. The SDK's sockets restart the chip if anything is thrown in their callbacks, tell of an end more than once, and
 * throw at a read of more than waits and at a write behind the end: all of that stops here. An end, however it comes, is told
 * of by a timer: in a turn of its own, with nobody else's code on the stack, and once. See docs/design/esp32-host.md.
 */
import { FirmwareError, messageOf } from "../../../src/errors.js";
import type { Timer, TimerConstructor } from "../../../src/ports/timer.js";

const WINDOW_SIZE_BYTES = 512;

/** What is used of ECMA-419's TCP class (10.6), and of a TLS class that is made like it. */
export interface TCPSocket {
  /** Fills `buffer`, which may be no larger than what waits, and gives the count. */
  read(buffer: Uint8Array): unknown;
  /** Copies, and gives the bytes that may still be written; nothing on a lost connection. */
  write(buffer: Uint8Array): unknown;
  close(): void;
}
interface TCPOptions {
  readonly address: string;
  readonly host: string;
  readonly port: number;
  readonly onReadable: (count: number) => void;
  readonly onWritable: (count: number) => void;
  readonly onError: () => void;
}

/** What is used of a resolver. */
export interface DNSResolver {
  resolve(options: {
    readonly host: string;
    readonly onResolved: (host: string, address: string) => void;
    readonly onError: () => void;
  }): void;
  close(): void;
}

/** A class and what else its constructor is given. */
export interface IO<Class> {
  readonly io: Class;
}

export interface ConnectionOptions {
  readonly Timer: TimerConstructor;
  readonly host: string;
  readonly port: number;
  readonly socket: IO<new (options: TCPOptions) => TCPSocket>;
  readonly dns: IO<new (options: object) => DNSResolver>;
  /** Bytes have arrived, or it has ended, or `wake` was called. Never from within a call; by the socket, after close() too. */
  readonly onReadable: () => void;
  readonly onWritable: () => void;
}

/** What takes bytes off a connection: gives the index behind what it took of bytes[from…to). */
export interface ByteTaker {
  push(bytes: Uint8Array, from: number, to: number): number;
}

export class Connection {
  readonly #options: ConnectionOptions;
  readonly #timer: Timer;
  #resolver: DNSResolver | undefined;
  #socket: TCPSocket | undefined;
  #isConnected = false;
  #isClosed = false;
  #endReason: string | undefined;
  /** What waits in the socket, and what of the window was not taken. */
  #socketBytes = 0;
  readonly #window = new Uint8Array(WINDOW_SIZE_BYTES);
  #from = 0;
  #to = 0;
  #writableBytes = 0;

  /** Never throws for what the network does: where nothing can be opened, that is its end. */
  constructor(options: ConnectionOptions) {
    const { Timer, dns, host } = options;
    this.#options = options;
    this.#timer = new Timer({ onExpire: () => options.onReadable() });
    try {
      this.#resolver = new dns.io(dns);
      this.#resolver.resolve({
        host,
        onResolved: (_host, address) => this.#connect(address),
        onError: () => this.#end(`no address for ${host}`),
      });
    } catch (error) {
      this.#end(messageOf(error));
    }
  }

  /** Bytes that wait to be taken. */
  get readableBytes(): number {
    return this.#to - this.#from + this.#socketBytes;
  }

  /** Bytes that may be written. */
  get writableBytes(): number {
    return this.#writableBytes;
  }

  /** Why nothing more will arrive; `undefined` while something may. */
  get endReason(): string | undefined {
    return this.#endReason;
  }

  /** Hands over what waits for as long as all of it is taken. Passes on what `taker` throws, and throws `io`. */
  feed(taker: ByteTaker): void {
    while (this.#from < this.#to || this.#fillWindow()) {
      this.#from = taker.push(this.#window, this.#from, this.#to);
      if (this.#from < this.#to) return;
    }
  }

  /** Fills `target`, which is no longer than what waits. Throws `io` where the socket has less than it told of. */
  read(target: Uint8Array): void {
    const taken = Math.min(target.length, this.#to - this.#from);
    if (taken > 0) {
      target.set(this.#window.subarray(this.#from, this.#from + taken));
      this.#from += taken;
    }
    if (taken < target.length) this.#readSocket(taken > 0 ? target.subarray(taken) : target);
  }

  /** Writes all of `bytes`, no more than may be written. On a lost connection they are lost too, and its end is told of. */
  write(bytes: Uint8Array): void {
    try {
      const room = this.#socket?.write(bytes);
      this.#writableBytes = typeof room === "number" && room > 0 ? room : 0;
    } catch (error) {
      this.#writableBytes = 0;
      this.#end(`the connection takes no more: ${messageOf(error)}`);
    }
  }

  /** Has `onReadable` called in a later turn. */
  wake(): void {
    this.#timer.arm(0);
  }

  close(): void {
    this.#isClosed = true;
    this.#timer.close();
    this.#resolver?.close();
    this.#socket?.close();
  }

  #connect(address: string): void {
    if (this.#isClosed || this.#socket !== undefined) return;
    const { host, port, socket, onReadable, onWritable } = this.#options;
    try {
      this.#socket = new socket.io({
        ...socket,
        address,
        host,
        port,
        onReadable: (count) => {
          this.#socketBytes = count;
          onReadable();
        },
        onWritable: (count) => {
          this.#isConnected = true;
          this.#writableBytes = count;
          onWritable();
        },
        onError: () => this.#end(this.#isConnected ? "the connection ended" : `no connection to ${address}:${port}`),
      });
    } catch (error) {
      this.#end(messageOf(error));
    }
  }

  #end(reason: string): void {
    if (this.#isClosed) return;
    this.#endReason ??= reason;
    this.wake();
  }

  #fillWindow(): boolean {
    const count = Math.min(this.#socketBytes, WINDOW_SIZE_BYTES);
    if (count === 0) return false;
    this.#readSocket(this.#window.subarray(0, count));
    this.#from = 0;
    this.#to = count;
    return true;
  }

  #readSocket(target: Uint8Array): void {
    let count: unknown;
    try {
      count = this.#socket?.read(target);
    } catch (error) {
      throw new FirmwareError("io", `the socket: ${messageOf(error)}`);
    }
    if (count !== target.length) throw new FirmwareError("io", "the socket has fewer bytes than it told of");
    this.#socketBytes -= count;
  }
}
