/**
 * The fields of a JSON object from a client, read one by one and refused by name.
 *
 * hawkBit's reader turns a number into a text and a text into a number where it can. This one takes the published types and
 * nothing else, so that a client that mixes them up is found on a desk. `null` is a field that is not there, as in hawkBit.
 */
import { type Refusal, unreadable } from "./refusal.js";

const INT32_MIN = -(2 ** 31);
const INT32_MAX = 2 ** 31 - 1;
/** Of a wrong value, what is shown of it. */
const SHOWN_LENGTH_MAX = 40;

export class JSONFields {
  readonly #value: Readonly<Record<string, unknown>>;
  readonly #path: string;

  /** `path` is where the object stands, "" for the body itself. Throws a Refusal, as every method here. */
  constructor(value: unknown, path = "") {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw unreadable(path === "" ? "body" : path, shown(value), "an object");
    }
    this.#value = value as Readonly<Record<string, unknown>>;
    this.#path = path;
  }

  object(name: string): JSONFields {
    return new JSONFields(this.#member(name), this.#where(name));
  }

  optionalObject(name: string): JSONFields | undefined {
    return this.#member(name) === undefined ? undefined : this.object(name);
  }

  choice<Choice extends string>(name: string, choices: readonly Choice[]): Choice {
    const member = this.#member(name);
    const choice = choices.find((candidate) => candidate === member);
    if (choice === undefined) throw this.#wrong(name, `one of ${choices.join(", ")}`);
    return choice;
  }

  optionalChoice<Choice extends string>(name: string, choices: readonly Choice[]): Choice | undefined {
    return this.#member(name) === undefined ? undefined : this.choice(name, choices);
  }

  integer(name: string): number {
    const member = this.#member(name);
    if (!Number.isInteger(member) || (member as number) < INT32_MIN || (member as number) > INT32_MAX) {
      throw this.#wrong(name, "a whole number of 32 bits");
    }
    return member as number;
  }

  optionalInteger(name: string): number | undefined {
    return this.#member(name) === undefined ? undefined : this.integer(name);
  }

  /** Milliseconds since 1970. */
  optionalTime(name: string): number | undefined {
    const member = this.#member(name);
    if (member === undefined) return undefined;
    if (!Number.isSafeInteger(member)) throw this.#wrong(name, "milliseconds since 1970");
    return member as number;
  }

  optionalText(name: string): string | undefined {
    const member = this.#member(name);
    if (member === undefined) return undefined;
    if (typeof member !== "string") throw this.#wrong(name, "a text");
    return member;
  }

  /** An array of texts; empty where it is not there. */
  texts(name: string): readonly string[] {
    const member = this.#member(name) ?? [];
    if (!Array.isArray(member)) throw this.#wrong(name, "an array of texts");
    member.forEach((text, index) => {
      if (typeof text !== "string") throw unreadable(`${this.#where(name)}[${index}]`, shown(text), "a text");
    });
    return member as readonly string[];
  }

  /** All fields as texts; `null` for one that is to go. */
  textMap(): ReadonlyMap<string, string | null> {
    const map = new Map<string, string | null>();
    for (const [name, member] of Object.entries(this.#value)) {
      if (member !== null && typeof member !== "string") throw this.#wrong(name, "a text");
      map.set(name, member);
    }
    return map;
  }

  #member(name: string): unknown {
    return this.#value[name] ?? undefined;
  }

  #where(name: string): string {
    return this.#path === "" ? name : `${this.#path}.${name}`;
  }

  #wrong(name: string, expected: string): Refusal {
    return unreadable(this.#where(name), shown(this.#value[name]), expected);
  }
}

function shown(value: unknown): string {
  if (value === undefined || value === null) return "nothing";
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object") return "an object";
  const text = JSON.stringify(value);
  return text.length <= SHOWN_LENGTH_MAX ? text : `${text.slice(0, SHOWN_LENGTH_MAX)}…`;
}
