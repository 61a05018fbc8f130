/** What hawkBit's server says is read as it is published; a link leads nowhere but to the server that was asked. */
import type { ServerAddress } from "../../../src/updater/connection.js";
import { isPathSegment, parseAction, parseCancel, parsePoll } from "../../../src/updater/ddi-documents.js";
import { equal, ok, throws } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { CANCEL, CONFIRMATION, DEPLOYMENT, HOST, PLAIN, POLL, POLL_CANCEL, POLL_CONFIRMATION, SECURE } from "./ddi-golden.js";

const BASE = "/DEFAULT/controller/v1/lamp-7";
const NOTHING = {
  sleepMs: undefined,
  configDataPath: undefined,
  cancelPath: undefined,
  deploymentPath: undefined,
  confirmationPath: undefined,
};

/** The path of a deployment link, as parsePoll gives it. */
function pathOf(href: unknown, server: ServerAddress): string | undefined {
  return parsePoll(JSON.stringify({ _links: { deploymentBase: { href } } }), server).deploymentPath;
}

/** A deployment of these artifacts, `deployment` in its other fields. */
function actionOf(artifacts: readonly unknown[], deployment: object = {}, server = PLAIN) {
  const chunks = [{ version: "2.0.0", artifacts }];
  return parseAction(JSON.stringify({ id: "8", deployment: { chunks, ...deployment } }), server);
}

const ARTIFACT = { filename: "a.bin", size: 5, _links: { "download-http": { href: "/a" } } };

describe("hawkBit's documents", () => {
  it("of a poll", () => {
    equal(parsePoll(JSON.stringify(POLL), PLAIN), {
      ...NOTHING,
      sleepMs: 43_200_000,
      configDataPath: `${BASE}/configData`,
      deploymentPath: `${BASE}/deploymentBase/5?c=-2127183556`,
    });
    const sleepMs = 300_000;
    equal(parsePoll(JSON.stringify(POLL_CANCEL), PLAIN), { ...NOTHING, sleepMs, cancelPath: `${BASE}/cancelAction/11` });
    const confirmationPath = `${BASE}/confirmationBase/6?c=-1173996783`;
    equal(parsePoll(JSON.stringify(POLL_CONFIRMATION), PLAIN), { ...NOTHING, sleepMs, confirmationPath });
  });

  it("of a poll that has nothing, whatever the kind of what is there", () => {
    for (const text of ["{}", "[]", "null", '"poll"', '{"status":"log in"}']) {
      throws(() => parsePoll(text, PLAIN), "corrupt", /expected a config or links/); // A captive portal's, perhaps.
    }
    const texts = ['{"config":null,"_links":[]}', '{"_links":{"deploymentBase":null}}', '{"config":{"polling":5}}'];
    for (const text of [...texts, '{"_links":{"deploymentBase":{"href":7}}}', '{"_links":{"deploymentBase":{"href":""}}}'])
      equal(parsePoll(text, PLAIN), NOTHING, text);
  });

  it("of a deployment, by either scheme", () => {
    const artifactsOf = (files: string) =>
      [
        { filename: "lamp-2.0.0.bin", sizeBytes: 301_280, path: `${files}/23/artifacts/lamp-2.0.0.bin` },
        { filename: "lamp-2.0.0.cose", sizeBytes: 1472, path: `${files}/23/artifacts/lamp-2.0.0.cose` },
        { filename: "pages.tgz", sizeBytes: 0, path: `${files}/24/artifacts/pages.tgz` },
      ] as const;
    const artifacts = artifactsOf(`${BASE}/softwaremodules`);
    for (const server of [PLAIN, SECURE])
      equal(parseAction(JSON.stringify(DEPLOYMENT), server), { id: "8", version: "2.0.0", artifacts, isWanted: true });
    equal(parseAction(JSON.stringify(CONFIRMATION), PLAIN), { id: "6", version: "2.0.0", artifacts, isWanted: true });
  });

  it("of a cancellation, in which the action's own id may be missing", () => {
    equal(parseCancel(JSON.stringify(CANCEL)), { id: "11", stopId: "11" });
    equal(parseCancel('{"id":"12","cancelAction":{"stopId":"11"}}'), { id: "12", stopId: "11" });
    equal(parseCancel('{"cancelAction":{"stopId":11}}'), { id: "11", stopId: "11" });
    for (const text of ["{}", '{"id":"11"}', '{"id":"11","cancelAction":{}}', '{"cancelAction":{"stopId":"a/b"}}', "11"])
      throws(() => parseCancel(text), "corrupt", /^cancel: expected an id and a stopId$/);
  });

  it("are refused where they are no JSON, and named", () => {
    throws(() => parsePoll("<html></html>", PLAIN), "corrupt", /^poll: expected a JSON text$/);
    throws(() => parseAction("", PLAIN), "corrupt", /^deployment: expected a JSON text$/);
    throws(() => parseCancel("{"), "corrupt", /^cancel: expected a JSON text$/);
  });

  it("say how long to sleep in hours, minutes and seconds, and in no other form", () => {
    const sleepOf = (sleep: unknown) => parsePoll(JSON.stringify({ config: { polling: { sleep } } }), PLAIN).sleepMs;
    for (const [text, ms] of [
      ["00:00:01", 1000],
      ["00:05:00", 300_000],
      ["23:59:59", 86_399_000],
      ["100:00:00", 360_000_000],
    ] as const)
      equal(sleepOf(text), ms, text);
    // From a day on hawkBit sends ISO 8601; the device then keeps its own period.
    const others = [
      "PT36H",
      "P1D",
      "",
      "5",
      "05:00",
      "00:00:00",
      "::",
      "00:05:00:00",
      "00:05:",
      "-1:00:00",
      "00:-5:00",
      "01:-5:00",
    ];
    const numbers = ["0x10:00:00", "1e3:00:00", " 1:00:00", "01:00:00 ", "1.5:00:00", "+1:00:00", "Infinity:00:00", "NaN:1:1"];
    for (const other of [...others, ...numbers, `${"9".repeat(30)}:00:00`, 300, null, ["00:05:00"]])
      equal(sleepOf(other), undefined, String(other));
  });
});

describe("a link of hawkBit's", () => {
  it("is a path, where it leads to the server that was asked", () => {
    for (const [href, path] of [
      [`http://${HOST}:8080/a/b?c=-1&d=%20`, "/a/b?c=-1&d=%20"],
      [`http://${HOST}:8080/`, "/"],
      ["http://UPDATES.Example.COM:8080/Path", "/Path"],
      [`http://${HOST}:8080//elsewhere/`, "//elsewhere/"],
      [`http://${HOST}:8080/@elsewhere/`, "/@elsewhere/"],
      ["/a", "/a"],
      ["/", "/"],
      ["/\\elsewhere/", "/\\elsewhere/"],
      [`/${"a".repeat(511)}`, `/${"a".repeat(511)}`],
    ] as const)
      equal(pathOf(href, PLAIN), path, href);
  });

  it("may leave out the port that its scheme has by default, and no other", () => {
    const plain = { host: HOST, port: 80 };
    for (const href of [`http://${HOST}/a`, `http://${HOST}:80/a`]) equal(pathOf(href, plain), "/a", href);
    for (const href of [`https://${HOST}/a`, `https://${HOST}:443/a`]) equal(pathOf(href, SECURE), "/a", href);
    throws(() => pathOf(`http://${HOST}/a`, PLAIN), "refused");
    throws(() => pathOf(`https://${HOST}/a`, { ...SECURE, port: 8443 }), "refused");
    throws(() => pathOf(`http://${HOST}:443/a`, plain), "refused");
    equal(pathOf(`https://${HOST}:8443/a`, { ...SECURE, port: 8443 }), "/a");
  });

  it("is refused where it leads to another", () => {
    const other = "http://evil.example.org";
    const refused: readonly (readonly [what: string, hrefs: readonly string[]])[] = [
      [
        "host",
        [`${other}:8080/`, `${other}/`, "http://127.0.0.1:8080/", "http://x.updates.example.com:8080/", "http://:8080/"],
      ],
      [
        "port",
        [`http://${HOST}:8081/`, `http://${HOST}:80/`, `http://${HOST}:/`, `http://${HOST}:08080/`, `http://${HOST}:80800/`],
      ],
      [
        "scheme",
        [`https://${HOST}:8080/`, `xttp://${HOST}:8080/`, `//${HOST}:8080/`, `file:///a`, "javascript:alert(1)", "data:,"],
      ],
      ["user", [`http://${HOST}@evil.example.org/`, `http://${HOST}:8080@evil.example.org/`, `http://a@${HOST}:8080/`]],
      ["beginning", [`http://${HOST}.evil.example.org/`, `http://${HOST}:8080.evil.example.org/`, `http://${HOST}:8080evil/`]],
      ["end", [`${other}/http://${HOST}:8080/`, `${other}#http://${HOST}:8080/`, `${other}?http://${HOST}:8080/`]],
      [
        "no path",
        [`http://${HOST}:8080`, `http://${HOST}:8080?a=/`, `http://${HOST}:8080#/`, "http://", "http:/", "h", "http:///"],
      ],
      [
        "relative",
        ["a", "./a", "../a", "?a", "#a", `${HOST}:8080/a`, "//evil.example.org/a", "///a", "\\\\evil.example.org\\a"],
      ],
      [
        "back slash",
        [`http:\\\\${HOST}:8080\\a`, `http://${HOST}:8080\\@evil.example.org/`, `http://evil.example.org\\${HOST}:8080/`],
      ],
    ];
    for (const [what, hrefs] of refused)
      for (const href of hrefs) {
        const error = throws(() => pathOf(href, PLAIN), "refused") as Error;
        equal(error.message, `link: leads to ${href}, expected http://${HOST}:8080`, what);
      }
    throws(() => pathOf(`http://${HOST}:443/`, SECURE), "refused", /expected https:/);
    throws(() => pathOf(`http://${HOST}/`, SECURE), "refused", /expected https:/);
  });

  it("is refused where it would be more than a path in a request", () => {
    const breaks = [
      "/a\r\nhost: evil",
      "/a\nb",
      "/a\u0000",
      "/a\tb",
      "/a b",
      " /a",
      "/a ",
      "/ä",
      "/\u2028",
      "/\ud83d\ude00",
      "/\u007f",
    ];
    for (const href of [...breaks, `http://${HOST}:8080/a b`, `/${"a".repeat(512)}`, `http://${HOST}:8080/\u0130`])
      throws(() => pathOf(href, PLAIN), "corrupt", /^link: expected at most 512 printable characters without blanks$/);
  });

  it("is looked at wherever it stands", () => {
    for (const name of ["configData", "cancelAction", "deploymentBase", "confirmationBase"])
      throws(() => parsePoll(JSON.stringify({ _links: { [name]: { href: "//evil/" } } }), PLAIN), "refused");
    const elsewhere = { ...ARTIFACT, _links: { "download-http": { href: "http://evil.example.org/a" } } };
    throws(() => actionOf([ARTIFACT, elsewhere]), "refused", /leads to http:\/\/evil\.example\.org\/a/);
    equal(
      parsePoll('{"_links":{"installedBase":{"href":"//evil/"},"self":{"href":"\\n"}}}', PLAIN),
      NOTHING,
      "or is passed over",
    );
  });
});

describe("a deployment of hawkBit's", () => {
  it("has an id that can be a part of a path, be it a number or a text", () => {
    const idOf = (id: unknown) => parseAction(JSON.stringify({ id, deployment: { chunks: [] } }), PLAIN).id;
    for (const [id, text] of [
      [8, "8"],
      [0, "0"],
      ["8", "8"],
      ["a-B_9.:z", "a-B_9.:z"],
      ["x".repeat(64), "x".repeat(64)],
      [2 ** 53, "9007199254740992"],
    ] as const)
      equal(idOf(id), text);
    const wrong = ["", "a/b", "..", ".", ".a", "a b", "a\n", "%2e%2e", "a?b", "a#b", "ä", "x".repeat(65), "a\\b", "a;b", "a@b"];
    for (const id of [...wrong, null, true, [8], {}, 1e21, undefined])
      throws(() => idOf(id), "corrupt", /^deployment: expected an id and a deployment$/);
    for (const text of wrong) ok(!isPathSegment(text), text);
  });

  it("has a deployment or a confirmation, whatever is in it", () => {
    throws(() => parseAction('{"id":"8"}', PLAIN), "corrupt", /expected an id and a deployment/);
    throws(() => parseAction('{"id":"8","deployment":null}', PLAIN), "corrupt", /expected an id and a deployment/);
    for (const deployment of [{}, { chunks: null }, { chunks: [null, 1, {}] }, { chunks: [{ artifacts: {} }] }])
      equal(parseAction(JSON.stringify({ id: "8", deployment }), PLAIN).artifacts, []);
  });

  it("has a version for people, of its first module, or a question mark", () => {
    const versionOf = (...versions: unknown[]) =>
      parseAction(JSON.stringify({ id: "8", deployment: { chunks: versions.map((version) => ({ version })) } }), PLAIN).version;
    equal([versionOf("2.0.0 beta", "3"), versionOf(2.5), versionOf("~".repeat(128))], ["2.0.0 beta", "2.5", "~".repeat(128)]);
    for (const version of ["", "2\u001b[31m", "2\n", "ü", "9".repeat(129), null, ["2"], true]) equal(versionOf(version), "?");
    equal(versionOf(), "?");
  });

  it("is wanted unless it says skip, or its window is closed", () => {
    const wanted: string[] = [];
    for (const download of ["forced", "attempt", "skip", undefined])
      for (const update of ["forced", "attempt", "skip", undefined])
        for (const maintenanceWindow of ["available", "unavailable", undefined]) {
          const { isWanted } = actionOf([], { download, update, maintenanceWindow });
          if (isWanted) wanted.push(`${download} ${update} ${maintenanceWindow}`);
          equal(isWanted, download !== "skip" && update !== "skip" && maintenanceWindow !== "unavailable");
        }
    equal(wanted.length, 18);
  });

  it("has artifacts with a name, a size and a link, or is refused", () => {
    equal(actionOf([ARTIFACT]).artifacts, [{ filename: "a.bin", sizeBytes: 5, path: "/a" }]);
    equal(actionOf([{ ...ARTIFACT, filename: 7, size: 2 ** 53 }]).artifacts[0], {
      filename: "7",
      sizeBytes: 2 ** 53,
      path: "/a",
    });
    const wrong: object[] = [-1, 1.5, "5", null, true, [5], undefined].map((size) => ({ ...ARTIFACT, size }));
    for (const filename of ["", "a\nb", "ä", "x".repeat(129), null, undefined, ["a"]]) wrong.push({ ...ARTIFACT, filename });
    for (const _links of [
      undefined,
      null,
      {},
      { "download-http": "/a" },
      { "download-http": { href: "" } },
      { self: { href: "/a" } },
    ])
      wrong.push({ ...ARTIFACT, _links });
    for (const artifact of [...wrong, null, 5, "a", []]) {
      const message = /^deployment: an artifact without name, size or link; expected all three$/;
      throws(() => actionOf([ARTIFACT, artifact]), "corrupt", message);
    }
    const infinite = JSON.stringify({ id: "8", deployment: { chunks: [{ artifacts: [ARTIFACT] }] } }).replace(":5", ":1e999");
    throws(() => parseAction(infinite, PLAIN), "corrupt", /an artifact without name, size or link/);
  });

  it("is fetched by the link of the scheme that is spoken, by the other only where that is no other server", () => {
    const [plain, secure] = [{ href: `http://${HOST}/plain` }, { href: `https://${HOST}/secure` }];
    const pathBy = (server: ServerAddress, _links: object) =>
      actionOf([{ ...ARTIFACT, _links }], {}, server).artifacts[0]!.path;
    const both = { download: secure, "download-http": plain };
    equal([pathBy({ host: HOST, port: 80 }, both), pathBy(SECURE, both)], ["/plain", "/secure"]);
    throws(() => pathBy(SECURE, { "download-http": plain }), "refused");
    throws(() => pathBy({ host: HOST, port: 80 }, { download: secure }), "refused");
    equal([pathBy(PLAIN, { download: { href: "/s" } }), pathBy(SECURE, { "download-http": { href: "/p" } })], ["/s", "/p"]);
  });

  it("has sixteen artifacts at the most, in all its modules together", () => {
    const chunk = (count: number) => ({ version: "1", artifacts: new Array<object>(count).fill(ARTIFACT) });
    const countIn = (...counts: number[]) => actionOf([], { chunks: counts.map(chunk) }).artifacts.length;
    equal([countIn(16), countIn(8, 8), countIn(0, 16, 0)], [16, 16, 16]);
    for (const counts of [[17], [9, 8], [16, 1]])
      throws(() => countIn(...counts), "corrupt", /^deployment: expected at most 16 artifacts$/);
  });
});
