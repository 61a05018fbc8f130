/** The last crashes are kept, with who, what, when and after how many restarts; the oldest gives way. */
import { CrashLog } from "../../../src/supervisor/crash-log.js";
import { equal, throws } from "../../harness/expect.js";
import { describe, it } from "../../harness/spec.js";
import { Supervised } from "./supervised.js";

describe("supervisor: crash records", () => {
  it("say who crashed, of what, when, and after how many restarts", () => {
    const supervised = new Supervised();
    const radio = supervised.add("radio", "permanent");
    supervised.add("sampling", "temporary");
    supervised.supervisor.start();
    supervised.time.advance(10);
    supervised.supervisor.fault(radio, new Error("no carrier"));
    supervised.time.advance(10);
    supervised.supervisor.fault("sampling", "a thrown string");
    supervised.supervisor.fault(radio, undefined);
    supervised.time.advance(10);
    equal(supervised.supervisor.crashRecords, [
      { child: "radio", message: "no carrier", uptimeMs: 10, restartCount: 0 },
      { child: "sampling", message: "a thrown string", uptimeMs: 20, restartCount: 0 },
      { child: "radio", message: "undefined", uptimeMs: 20, restartCount: 1 },
    ]);
  });

  it("are the last crashRecordCountMax, oldest first", () => {
    const supervised = new Supervised({ crashRecordCountMax: 3, restartCountMax: 100 });
    const child = supervised.add("child", "permanent");
    supervised.supervisor.start();
    const seen: string[] = [];
    for (let count = 1; count <= 7; count++) {
      supervised.supervisor.fault(child, `${count}`);
      supervised.time.advance(0);
      seen.push(supervised.supervisor.crashRecords.map((record) => record.message).join(""));
    }
    equal(seen, ["1", "12", "123", "234", "345", "456", "567"]);
  });

  it("are given as a copy", () => {
    const log = new CrashLog(2);
    log.add({ child: "a", message: "m", uptimeMs: 0, restartCount: 0 });
    log.list().length = 0;
    equal(log.list().length, 1);
    for (const recordCountMax of [0, 1.5, Number.NaN]) throws(() => new CrashLog(recordCountMax), /crashRecordCountMax/);
  });
});
