/**
 * Mocha's words and a runner for engines that have no mocha: device code, about a hundred lines.
 *
 * In a bundle for XS this module stands in for test/harness/spec.ts. Specs register themselves as they are evaluated;
 * `runSpecs` runs them one after another and tells each start and end in a line of its own, so that whoever reads the lines
 * knows which spec was running when the device restarted.
 */
type Body = () => void | Promise<void>;

/** One describe() and what was registered in it. */
interface Suite {
  readonly title: string;
  readonly parent: Suite | undefined;
  readonly entries: (Suite | { readonly title: string; readonly body: Body })[];
  readonly before: Body[];
  readonly after: Body[];
  readonly beforeEach: Body[];
  readonly afterEach: Body[];
}

/** How the runner tells its progress. */
export interface SpecReporter {
  onStart(title: string): void;
  onPass(title: string): void;
  onFail(title: string, message: string): void;
  onSkip(title: string): void;
}

function makeSuite(title: string, parent: Suite | undefined): Suite {
  return { title, parent, entries: [], before: [], after: [], beforeEach: [], afterEach: [] };
}

const root = makeSuite("", undefined);
const registering = { suite: root };

export function describe(title: string, body: () => void): void {
  const suite = makeSuite(title, registering.suite);
  registering.suite.entries.push(suite);
  registering.suite = suite;
  body();
  registering.suite = suite.parent!;
}

export function it(title: string, body: Body): void {
  registering.suite.entries.push({ title, body });
}

export function before(body: Body): void {
  registering.suite.before.push(body);
}

export function after(body: Body): void {
  registering.suite.after.push(body);
}

export function beforeEach(body: Body): void {
  registering.suite.beforeEach.push(body);
}

export function afterEach(body: Body): void {
  registering.suite.afterEach.push(body);
}

/** Runs every registered spec but those that `skips` names. Never rejects. */
export async function runSpecs(reporter: SpecReporter, skips: ReadonlySet<string>): Promise<void> {
  await runSuite(root, "", reporter, skips);
}

async function runSuite(suite: Suite, prefix: string, reporter: SpecReporter, skips: ReadonlySet<string>): Promise<void> {
  const path = suite.title === "" ? prefix : `${prefix}${suite.title} › `;
  const problem = await problemOf(suite.before);
  for (const entry of suite.entries) {
    if ("entries" in entry) {
      await runSuite(entry, path, reporter, skips);
      continue;
    }
    const title = path + entry.title;
    if (skips.has(title)) {
      reporter.onSkip(title);
      continue;
    }
    reporter.onStart(title);
    const message = problem ?? (await problemOf([...hooksOf(suite, "beforeEach"), entry.body]));
    const late = await problemOf(hooksOf(suite, "afterEach").reverse());
    if (message === undefined && late === undefined) reporter.onPass(title);
    else reporter.onFail(title, message ?? late ?? "");
  }
  const late = await problemOf(suite.after);
  if (late !== undefined) reporter.onFail(`${path}after`, late);
}

/** The hooks of all suites around, the outermost first. */
function hooksOf(suite: Suite, kind: "beforeEach" | "afterEach"): Body[] {
  const outer = suite.parent ? hooksOf(suite.parent, kind) : [];
  return [...outer, ...suite[kind]];
}

/** What the first of `bodies` that fails throws, as a text. */
async function problemOf(bodies: readonly Body[]): Promise<string | undefined> {
  try {
    for (const body of bodies) await body();
    return undefined;
  } catch (error) {
    if (typeof error !== "object" || error === null) return String(error);
    const { name, message } = error as Error;
    return `${name}: ${message}`;
  }
}
