/** How a fault gets into a key-value storage: a right one behind an object that answers otherwise in one point. */
import type { KeyValueDomain, KeyValueFormat, KeyValueOpenOptions, KeyValueStorage } from "../../../src/ports/key-value.js";
import type { KeyValueSubject } from "../key-value.js";

export type Open = () => KeyValueSubject;
type Fault = (right: KeyValueDomain, options: KeyValueOpenOptions) => Partial<KeyValueDomain>;

/** The right storage with another `open`, also after a restart. */
export function withOpen(open: Open, derive: (right: KeyValueStorage) => KeyValueStorage["open"]): Open {
  return () => {
    const subject = open();
    return {
      ...subject,
      storage: { open: derive(subject.storage) },
      restart: () => ({ open: derive(subject.restart()) }),
    };
  };
}

/** The right storage whose domains have a fault. */
export function withFault(open: Open, fault: Fault): Open {
  return withOpen(open, (storage) => (options) => {
    const right = storage.open(options);
    const base: KeyValueDomain = {
      read: (key, buffer) => right.read(key, buffer),
      write: (key, value) => right.write(key, value),
      delete: (key) => right.delete(key),
      close: () => right.close(),
      get format() {
        return right.format;
      },
      set format(value) {
        right.format = value;
      },
      [Symbol.iterator]: () => right[Symbol.iterator](),
    };
    return Object.defineProperties(base, Object.getOwnPropertyDescriptors(fault(right, options)));
  });
}

/** Puts what `change` makes of a value in its place. */
export function withWritten(open: Open, change: (value: unknown, format: KeyValueFormat) => unknown): Open {
  return withFault(open, (right) => ({
    write: (key, value) => right.write(key, change(value, right.format) as string),
  }));
}
