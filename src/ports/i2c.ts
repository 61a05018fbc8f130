/** I²C and SMBus initiators, as ECMA-419 (10 IO classes) defines their synchronous forms. */

export interface I2COptions {
  /** Pin specifiers; which values are pins is the host's business. */
  readonly data: number | string;
  readonly clock: number | string;
  readonly hz: number;
  /** 7-bit address of the target, 0x08 … 0x77. */
  readonly address: number;
  readonly port?: number | string;
}

/** Every transfer throws where no target acknowledges. */
export interface I2C {
  read(byteLength: number, stop?: boolean): ArrayBuffer;
  read(buffer: Uint8Array | ArrayBuffer, stop?: boolean): number;
  write(buffer: Uint8Array | ArrayBuffer, stop?: boolean): void;
  writeRead(buffer: Uint8Array | ArrayBuffer, byteLength: number): ArrayBuffer;
  writeRead(buffer: Uint8Array | ArrayBuffer, target: Uint8Array | ArrayBuffer): number;
  close(): void;
  format: "buffer";
}

export interface SMBusOptions extends I2COptions {
  /** Whether a stop bit follows the register number. Default false. */
  readonly stop?: boolean;
}

export interface SMBus extends I2C {
  readUint8(register: number): number;
  writeUint8(register: number, value: number): void;
  readUint16(register: number, bigEndian?: boolean): number;
  writeUint16(register: number, value: number, bigEndian?: boolean): void;
  readBuffer(register: number, byteLength: number): ArrayBuffer;
  readBuffer(register: number, target: Uint8Array | ArrayBuffer): number;
  writeBuffer(register: number, buffer: Uint8Array | ArrayBuffer): void;
  readQuick(): void;
  writeQuick(): void;
  receiveByte(): number;
  sendByte(command: number): void;
}

export type I2CConstructor = new (options: I2COptions) => I2C;
export type SMBusConstructor = new (options: SMBusOptions) => SMBus;

/** What a board's provider offers: the class and its pins, to be spread into a driver's `sensor` option. */
export type I2CDefault = { readonly io: I2CConstructor } & Pick<I2COptions, "data" | "clock" | "hz" | "port">;
export type SMBusDefault = { readonly io: SMBusConstructor } & Pick<SMBusOptions, "data" | "clock" | "hz" | "port">;
