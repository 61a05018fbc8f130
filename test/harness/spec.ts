/**
 * Mocha's words for specs, as an import instead of globals.
 *
 * Under mocha these are mocha's own functions; a runner for another engine replaces this one module. A spec that imports only
 * this, the assert beside it and the code under test runs on every host.
 */

type Body = () => void | Promise<void>;
interface Words {
  describe(title: string, body: () => void): void;
  it(title: string, body: Body): void;
  before(body: Body): void;
  after(body: Body): void;
  beforeEach(body: Body): void;
  afterEach(body: Body): void;
}

const mocha = globalThis as unknown as Words;

export const describe: Words["describe"] = mocha.describe;
export const it: Words["it"] = mocha.it;
export const before: Words["before"] = mocha.before;
export const after: Words["after"] = mocha.after;
export const beforeEach: Words["beforeEach"] = mocha.beforeEach;
export const afterEach: Words["afterEach"] = mocha.afterEach;
