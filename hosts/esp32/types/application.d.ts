/** What the build fills in: the application's entry, and the manifest's `config`. */
declare module "application" {
  /** The application's default export. */
  const main: (host: import("../../../src/ports/host.js").Host) => void;
  export default main;
}

/** Moddable makes this module of the manifests' `config` sections; `ssid=…` on mcconfig's command line overrides them. */
declare module "mc/config" {
  const config: { readonly ssid?: string; readonly password?: string };
  export default config;
}

declare module "embedded:network/interface/wifi" {
  const WiFi: import("../wifi.js").WiFiConstructor;
  export default WiFi;
}
