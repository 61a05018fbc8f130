/** Moddable's modules, as far as open-host.ts uses them and as SDK 8.2.3 behaves. Ours; see docs/design/esp32-host.md. */
declare module "timer" {
  const Timer: import("../timer.js").ModdableTimerModule;
  export default Timer;
}

declare module "time" {
  const Time: import("../clock.js").ModdableTicks & import("../wall-clock.js").ModdableTimeSetter;
  export default Time;
}

declare module "crypt" {
  export const Digest: import("../moddable-digest.js").ModdableDigestConstructor;
}

declare module "ec" {
  const EC: import("../moddable-verifier.js").ModdableArithmetic["EC"];
  export default EC;
}

declare module "ecp" {
  const ECPoint: import("../moddable-verifier.js").ModdableArithmetic["ECPoint"];
  export default ECPoint;
}

declare module "modular" {
  const Modular: import("../moddable-verifier.js").ModdableArithmetic["Modular"];
  export default Modular;
}

declare module "embedded:storage/flash" {
  const storage: import("../flash.js").ModdableFlashStorage;
  export default storage;
}

declare module "embedded:storage/key-value" {
  const storage: import("../key-value.js").ModdableKeyValueStorage;
  export default storage;
}

declare module "embedded:update" {
  const storage: import("../update.js").ModdableUpdateStorage;
  export default storage;
}

declare module "embedded:io/socket/tcp" {
  const TCP: new (options: object) => import("../http/connection.js").TCPSocket;
  export default TCP;
}

declare module "embedded:io/socket/udp" {
  const UDP: import("../http-default.js").ModdableUDPConstructor;
  export default UDP;
}

declare module "embedded:network/dns/resolver/udp" {
  const Resolver: new (options: object) => import("../http/connection.js").DNSResolver;
  export default Resolver;
}

/** Writes to the console; a line ends with a line break. */
declare function trace(text: string): void;

/** Moddable's global of that name, and what is used of it. */
declare const System: { restart(): void };

/** The host provider, in the spelling of the SDK; absent where a board has none. */
declare const device: (import("../provider.js").ModdableDevice & { readonly network?: object }) | undefined;
