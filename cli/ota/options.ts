/** What the words of `holdfast ota` come to, read and checked. Times in seconds since 1970. */

export interface PackOptions {
  readonly key: string;
  readonly vendor: string;
  readonly class: string;
  readonly sequence: number;
  readonly imageVersion?: string;
  readonly hardware?: readonly [least: number, greatest: number];
  readonly security: number;
  readonly issued?: number;
  readonly expires?: number;
  readonly replaces?: string;
  readonly nextKey?: string;
  readonly out: string;
}

export interface SignOptions {
  readonly key: string;
  readonly sequence: number;
  readonly issued?: number;
  readonly days: number;
  readonly device?: string;
  readonly revokeBelow?: number;
  readonly out: string;
}

export interface VerifyOptions {
  readonly releaseKey: string;
  readonly deployKey: string;
  readonly image?: string;
}

export interface ServeOptions {
  readonly port: number;
  readonly host: string;
  readonly tenant: string;
  readonly poll?: number;
  readonly token?: string;
  readonly rate?: number;
  readonly requests?: number;
  readonly confirm?: boolean;
  readonly tlsKey?: string;
  readonly tlsCert?: string;
}
