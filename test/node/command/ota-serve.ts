/** `holdfast ota serve` as a person meets it: what it prints while devices come and go, and what it refuses to serve. */
import { writeFileSync } from "node:fs";
import { get } from "node:https";
import { createServer } from "node:net";
import { join } from "node:path";
import { joinUpdate, signDeployment, signRelease } from "../../../hosts/node/signing/sign-update.js";
import { equal, ok } from "../../harness/expect.js";
import { after, before, describe, it } from "../../harness/spec.js";
import { ask, report } from "../ddi/bench.js";
import { makeCertificate } from "../http/certificates.js";
import { DEPLOYMENT, deployKey, image, RELEASE, releaseKey } from "../signing/workbench.js";
import { CommandLine, type Run } from "./command-line.js";

const A1 = "/DEFAULT/controller/v1/A1";
/** In 2096: the deployment must not be over on the day of the test. */
const FAR_S = 4_000_000_000;
const LONG_AGO_S = 1_000_000_000;

describe("command: ota serve", () => {
  const line = new CommandLine();
  const path = (name: string): string => join(line.folder, name);

  before(async () => {
    const release = await signRelease({ ...RELEASE, key: releaseKey });
    const other = await signRelease({ ...RELEASE, sequenceNumber: 8, key: releaseKey });
    const deployed = (name: Uint8Array, issuedS: number, expiresS: number) =>
      signDeployment({ ...DEPLOYMENT, issuedS, expiresS, release: name, key: deployKey });
    const deployment = await deployed(release, DEPLOYMENT.issuedS, FAR_S);
    writeFileSync(path("update.cose"), joinUpdate(release, deployment));
    writeFileSync(path("old.cose"), joinUpdate(release, await deployed(release, LONG_AGO_S, LONG_AGO_S)));
    writeFileSync(path("mixed.cose"), joinUpdate(other, deployment));
    writeFileSync(path("fw.bin"), image);
    writeFileSync(path("short.bin"), image.subarray(1));
  });
  after(() => line.close());

  /** Serves on a free port, lets `visit` talk to it, then sends the signal. `visit` is given the URL of the server. */
  async function serve(
    words: readonly string[],
    visit: (url: URL) => Promise<void>,
    name: NodeJS.Signals = "SIGINT",
  ): Promise<Run> {
    let url: URL | undefined;
    let visited: Promise<void> | undefined;
    const run = await line.run(["ota", "serve", "update.cose", "fw.bin", "--port", "0", ...words], (text, signal) => {
      const [, found] = /^serving on (\S+),/.exec(text) ?? [];
      if (found !== undefined) url = new URL(found);
      if (/^ {2}\S+\.bin {2}/.test(text)) visited = visit(url!).finally(() => signal(name));
    });
    await visited;
    return run;
  }

  it("says what it offers, who polls, what is reported and what is refused, and ends well at Ctrl-C", async () => {
    const run = await serve(["--poll", "90"], async ({ port: text }) => {
      const port = Number(text);
      const poll = await ask(port, "GET", A1);
      ok(poll.text.includes('"sleep":"00:01:30"'), poll.text);
      const file = await ask(port, "GET", `${A1}/softwaremodules/1/artifacts/sensor-node-2.0.0.bin`);
      ok(file.bytes.equals(image), "the image");
      await ask(port, "GET", A1);
      const more = { details: ["half\u001b[2J"], code: 7, result: { finished: "none", progress: { cnt: 1, of: 2 } } };
      await ask(port, "POST", `${A1}/deploymentBase/1/feedback`, { body: report("proceeding", "none", more) });
      await ask(port, "POST", `${A1}/deploymentBase/1/feedback`, { body: report("closed", "success") });
      await ask(port, "POST", `${A1}/deploymentBase/1/feedback`, { body: report("closed", "success") });
    });
    equal([run.exitCode, run.stderr], [0, ""]);
    const lines = run.stdout.replaceAll(/^\d\d:\d\d:\d\dZ /gm, "TIME ").split("\n");
    ok(/^serving on http:\/\/127\.0\.0\.1:\d+\/, tenant DEFAULT, until Ctrl-C$/.test(lines[0]!), lines[0]);
    ok(/^ {2}sensor-node-2\.0\.0\.cose {2}\d{3} bytes$/.test(lines[2]!), lines[2]);
    equal(
      [lines[1], ...lines.slice(3)],
      [
        "release 7: example.com sensor-node 2.0.0, deployment 11 for every sensor-node, until 2096-10-02T07:06:40.000Z",
        "  sensor-node-2.0.0.bin  40,352 bytes",
        "TIME A1: first poll",
        "TIME A1: deployment 1 proceeding, 1 of 2, code 7, half?[2J",
        "TIME A1: deployment 1 closed, success",
        `TIME refused POST ${A1}/deploymentBase/1/feedback with 410: action 1 is closed (FINISHED)`,
        "",
      ],
    );
  });

  it("obeys its options: tenant, token, consent, requests a minute, and ends at SIGTERM too", async () => {
    const words = ["--tenant", "T", "--token", "secret", "--confirm", "--requests", "2", "--rate", "1000000"];
    const statuses: number[] = [];
    const run = await serve(
      words,
      async ({ port: text }) => {
        const port = Number(text);
        const headers = { authorization: "TargetToken secret" };
        statuses.push((await ask(port, "GET", "/T/controller/v1/A1")).status);
        const poll = await ask(port, "GET", "/T/controller/v1/A1", { headers });
        ok(poll.text.includes("/confirmationBase/1?c="), poll.text);
        for (const below of ["/confirmationBase", "/confirmationBase"]) {
          statuses.push((await ask(port, "GET", `/T/controller/v1/A1${below}`, { headers })).status);
        }
      },
      "SIGTERM",
    );
    equal([run.exitCode, run.stderr, statuses], [0, "", [401, 200, 429]]);
  });

  it("speaks https with a key and a certificate", async () => {
    const identity = makeCertificate({ name: "localhost", hosts: ["127.0.0.1"] });
    writeFileSync(path("key.pem"), identity.privateKey.export({ type: "pkcs8", format: "pem" }));
    writeFileSync(path("cert.pem"), identity.certificate);
    let status: number | undefined;
    const run = await serve(["--tls-key", "key.pem", "--tls-cert", "cert.pem"], async ({ protocol, port }) => {
      equal(protocol, "https:");
      const options = { host: "127.0.0.1", port, path: A1, agent: false, ca: identity.certificate };
      await new Promise<void>((resolve, reject) => {
        get(options, (response) => {
          status = response.statusCode;
          response.resume().on("end", resolve);
        }).on("error", reject);
      });
    });
    equal([run.exitCode, run.stderr, status], [0, "", 200]);
  });

  it("serves a deployment that is over, and says that it is", async () => {
    const run = await line.run(["ota", "serve", "old.cose", "fw.bin", "--port", "0"], (text, signal) => {
      if (text.startsWith("release 7")) signal("SIGINT");
    });
    ok(
      run.exitCode === 0 && run.stdout.includes("until 2001-09-09T01:46:40.000Z, which is past: devices refuse it"),
      run.stdout,
    );
  });

  it("refuses, in one line, what it cannot serve", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    const refusals: readonly (readonly [words: readonly string[], exitCode: number, stderr: RegExp])[] = [
      [
        ["update.cose", "fw.bin", "--port", String(port)],
        1,
        new RegExp(`^holdfast: port ${port} of 127\\.0\\.0\\.1 is in use already;`),
      ],
      [["nowhere.cose", "fw.bin"], 1, /nowhere\.cose: .*; expected an update, as holdfast ota sign makes it/],
      [["fw.bin", "fw.bin"], 1, /^holdfast: fw\.bin: update: 40352 bytes, expected at most 4096/],
      [["mixed.cose", "fw.bin"], 1, /mixed\.cose: the deployment names another release/],
      [["update.cose", "nowhere.bin"], 1, /nowhere\.bin: .*; expected the image that the update names/],
      [
        ["update.cose", "short.bin"],
        1,
        /^holdfast: short\.bin: has 40351 bytes and the SHA-256 \w{64}; expected the image of the update, 40352 bytes and \w/,
      ],
      [
        ["update.cose", "fw.bin", "--tls-key", "fw.bin", "--tls-cert", "fw.bin"],
        1,
        /^holdfast: tls: .*; expected a key and its certificate/,
      ],
      [["update.cose", "fw.bin", "--tls-key", "fw.bin"], 2, /--tls-key is alone; expected --tls-key and --tls-cert/],
      [["update.cose", "fw.bin", "--tls-cert", "fw.bin"], 2, /--tls-cert is alone/],
      [["update.cose", "fw.bin", "--port", "65536"], 2, /Expected a whole number, 0 … 65535/],
      [["update.cose", "fw.bin", "--poll", "0"], 2, /Expected a whole number, 1 … 86399/],
      [["update.cose", "fw.bin", "--tenant", "a/b"], 2, /Expected letters, digits and \. _ ~ - only/],
      [["update.cose", "fw.bin", "--token", ""], 2, /Expected something/],
      [["update.cose"], 2, /missing required argument 'image'/],
    ];
    for (const [words, exitCode, stderr] of refusals) {
      const run = await line.run(["ota", "serve", ...words]);
      ok(
        run.exitCode === exitCode && stderr.test(run.stderr) && run.stderr.split("\n").length === 2,
        `${words}: ${run.stderr}`,
      );
      equal(run.stdout, "", `${words}`);
    }
    server.close();
  });
});
