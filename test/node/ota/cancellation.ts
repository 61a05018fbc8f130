/** An action that its server takes back: before it began, while it is fetched, and when it is too late. */
import { equal, ok } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { makeImage, type Rig, startedRig } from "./rig.js";
import { demandWorking } from "./unimpressed.js";

const IMAGE = makeImage("2.0.0", { sectorCount: 10 });
/** A chunk takes some twelve seconds, so that a poll comes between any two. */
const SLOW = Object.freeze({ chunkSizeBytes: 512, chunkPeriodMs: 375 });

/** 1.0.0 goes on with its work, and takes the next update. */
function demandGoesOn(rig: Rig): void {
  equal([rig.lives(), rig.slots()], [["1.0.0 in 0 by powerOn"], ["1.0.0 valid", "empty unnamed"]]);
  demandWorking(rig);
  rig.offer(makeImage("3.0.0"), { version: "3.0.0" });
  ok(rig.runUntilKept("3.0.0"));
}

describe("an action that is canceled", () => {
  it("before it began is closed, and not a byte is fetched", () => {
    const rig = startedRig();
    const path = rig.offer(IMAGE, { version: "2.0.0" });
    rig.fleet.cancel();
    rig.device.advance(60_000);
    equal([rig.fleet.reports(), rig.traffic.to(path)], [["closed success: it had not begun"], []]);
    equal([rig.fleet.actionId, rig.device.lines.slice(1)], [undefined, ["1.0.0 update canceled"]]);
    demandGoesOn(rig);
  });

  it("during its download is given up between two chunks", () => {
    const rig = startedRig();
    const path = rig.offer(IMAGE, { version: "2.0.0", answer: SLOW });
    ok(rig.device.runUntil(() => (rig.node?.updater()?.progress.receivedBytes ?? 0) > 8000, 60_000));
    rig.fleet.cancel();
    ok(rig.runUntilLine("update canceled", 60_000));
    equal(rig.node!.updater()!.phase, "idle");
    rig.device.advance(60_000);
    equal(
      rig.traffic.to(path).map(({ range }) => range),
      ["0-16383"],
    );
    equal(rig.fleet.reports(), [`download none: 2.0.0, ${IMAGE.length} bytes`, "closed success: the download was given up"]);
    demandGoesOn(rig);
  });

  it("during its download, with a server that fails to say so at first, is given up a little later", () => {
    const rig = startedRig();
    const path = rig.offer(IMAGE, { version: "2.0.0", answer: SLOW });
    ok(rig.device.runUntil(() => (rig.node?.updater()?.progress.receivedBytes ?? 0) > 8000, 60_000));
    rig.fleet.cancel();
    let isFirst = true;
    rig.fleet.meddle = (subject, good) => {
      if (subject !== "cancel" || !isFirst) return good();
      isFirst = false;
      return { status: 500 };
    };
    ok(rig.runUntilLine("update canceled", 200_000), rig.device.lines.join("\n"));
    equal(
      rig.traffic.to(path).map(({ range }) => range),
      ["0-16383", "16384-32767"],
    );
    demandGoesOn(rig);
  });

  it("once its image runs on trial goes on, and says so: what is told to the server is what runs", () => {
    // It answered "it had not begun", with success, and confirmed the image two seconds later: the server had a device on
    // 1.0.0, and the device ran 2.0.0.
    const rig = startedRig();
    rig.offer(IMAGE, { version: "2.0.0" });
    ok(rig.runUntilLine("update armed"));
    rig.fleet.cancel();
    ok(rig.runUntilKept("2.0.0"));
    rig.device.advance(20_000);
    const sent = rig.fleet.reports().slice(2);
    equal(
      sent.filter((report) => report.startsWith("rejected")),
      ["rejected none: it runs, on trial"],
    );
    equal(sent.at(-1), "closed success: it runs and is confirmed");
    equal([rig.fleet.actionId, rig.linesWith("canceled")], [undefined, []]);
  });

  it("when it is over already is closed", () => {
    const rig = startedRig();
    rig.offer(makeImage("1.0.0"), { version: "1.0.0" });
    rig.fleet.cancel();
    rig.device.advance(30_000);
    equal([rig.fleet.actionId, rig.fleet.reports().length], [undefined, 1]);
  });

  it("in a document that says nothing is asked for again", () => {
    const rig = startedRig();
    rig.offer(IMAGE, { version: "2.0.0" });
    rig.fleet.cancel();
    const broken = ["{}", '{"id":"2"}', '{"id":"2","cancelAction":{"stopId":"../1"}}', "no"];
    rig.fleet.meddle = (subject, good) => (subject === "cancel" && broken.length > 0 ? { body: broken.shift()! } : good());
    rig.device.advance(300_000);
    equal(rig.linesWith("failed").length, 4);
    equal([rig.fleet.actionId, rig.fleet.reports()], [undefined, ["closed success: it had not begun"]]);
  });
});
