import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { GlueContext } from "../../../src/index.js";
import { classifyHead } from "../../../src/crawler/classify/classifiers.js";

const classify = (content: string | Uint8Array) => {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  return classifyHead({ compression: "none", bytes, read: bytes.length, whole: true }, []);
};

/**
 * Lines from the documentation of each format: Apache httpd, kernel.org, "IIS Log File Format", Ruby's Logger, Squid,
 * redis MONITOR, redis-server.
 */
const LOGS: readonly (readonly [string, string, { readonly [field: string]: unknown }])[] = [
  [
    "combined_apache",
    '127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /apache_pb.gif HTTP/1.0" 200 2326 "http://www.example.com/start.html" "Mozilla/4.08 [en] (Win98; I ;Nav)"',
    { clientip: "127.0.0.1", auth: "frank", verb: "GET", request: "/apache_pb.gif" },
  ],
  [
    "apache",
    '127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /apache_pb.gif HTTP/1.0" 200 2326',
    { clientip: "127.0.0.1", verb: "GET" },
  ],
  [
    "linux_kernel",
    "Feb  7 10:15:42 web01 kernel: [  123.456789] usb 1-1: new high-speed USB device number 2",
    { host: "web01", uptime: 123.456789, message: "usb 1-1: new high-speed USB device number 2" },
  ],
  [
    "microsoft_log",
    "192.168.114.201, -, 03/20/01, 7:55:20, W3SVC2, SALES1, 172.21.13.45, 4502, 163, 3223, 200, 0, GET, /DeptLogo.gif, -,",
    { client_ip: "192.168.114.201", time_taken: 4502, status: 200, target: "/DeptLogo.gif" },
  ],
  [
    "ruby_logger",
    "I, [1999-03-03T02:34:24.895701 #19074]  INFO -- Main: info.",
    { severity_id: "I", pid: 19074, severity: "INFO", progname: "Main", message: "info." },
  ],
  [
    "squid",
    "1286536309.021    921 192.168.0.68 TCP_MISS/200 507 POST http://example.com/hub - DIRECT/72.11.2.3 text/html",
    { elapsed: 921, result: "TCP_MISS", status: 200, bytes: 507, hierarchy: "DIRECT" },
  ],
  [
    "redismonlog",
    '1339518083.107412 [0 127.0.0.1:60866] "keys" "*"',
    { database: 0, client: "127.0.0.1:60866", command: "keys" },
  ],
  [
    "redislog",
    "[4018] 14 Nov 07:01:22 * Background saving terminated with success",
    { pid: 4018, month: "Nov", level: "*", message: "Background saving terminated with success" },
  ],
  [
    "redislog",
    "1:M 14 Nov 2023 07:01:22.119 # Server initialized",
    { pid: 1, role: "M", year: "2023", level: "#", message: "Server initialized" },
  ],
];

test.each(LOGS)("%s", (name, line) => {
  expect(classify(`${line}\n${line}\n`)).toMatchObject({ name, format: "grokLog", decidedBy: `builtin:${name}` });
});

test("CSV with addresses and times, and prose, are no logs", () => {
  expect(classify("ip,user,when\n1.2.3.4,a,2024-01-01\n1.2.3.5,b,2024-01-02\n").name).toBe("csv");
  expect(classify("I, too, think so.\nYou, too, do.\n").name).not.toMatch(/log/);
});

test("BSON and Ion by their first bytes, recognised and not read", () => {
  // {"hello":"world"} of bsonspec.org; Ion's binary version marker
  const bson = Buffer.from("160000000268656c6c6f0006000000776f726c640000", "hex");
  expect(classify(bson)).toMatchObject({ name: "bson" });
  expect(classify(bson).format).toBeUndefined();
  expect(classify(Uint8Array.of(0xe0, 1, 0, 0xea, 0x21, 1))).toMatchObject({ name: "ion", decidedBy: "builtin:ion" });
  expect(classify(Buffer.concat([bson.subarray(0, 10), Buffer.alloc(30, 255)])).name).toBe("UNKNOWN");
});

describe("crawled", () => {
  const root = mkdtempSync(join(tmpdir(), "dyna-logs-"));
  let glue: GlueContext;
  const put = (path: string, text: string): string => {
    const file = join(root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  };
  const types = async (table: string): Promise<string[]> =>
    ((await glue.catalog.getTable("d", table)).StorageDescriptor?.Columns ?? []).map(
      ({ Name, Type }) => `${Name}:${Type}`,
    );
  beforeAll(async () => {
    glue = await GlueContext.open({ catalog: join(root, "catalog"), engine: "reference" });
  });
  afterAll(async () => {
    await glue.close();
    rmSync(root, { recursive: true, force: true });
  });

  test("logs are tables whose fields read back", async () => {
    for (const [i, [, line]] of LOGS.entries()) put(`logs/l${i}/f.log`, `${line}\n`);
    await glue.crawl({ database: "d", includes: LOGS.map((_, i) => join(root, `logs/l${i}`)) });
    for (const [i, [name, , fields]] of LOGS.entries()) {
      expect((await glue.catalog.getTable("d", `l${i}`)).Parameters?.["classification"]).toBe(name);
      const [record] = await glue.createDynamicFrame
        .fromCatalog({ database: "d", tableName: `l${i}` })
        .toDF()
        .rows();
      expect(record).toMatchObject(fields);
    }
  });

  test("CSV types that are asked for hold for all values, or are told with the counter-example; later crawls keep to them", async () => {
    const classifiers = [{ type: "csv", customDatatypes: ["INT", "date", "TIMESTAMP"] }] as const;
    put(
      "csv/t/f.csv",
      "id,day,at,mixed,name\n1,2024-01-01,2024-01-01T10:00:00Z,2024-01-01,a\n2,2024-02-29,2024-01-01 10:00:00,2024-02-30,b\n",
    );
    const options = { database: "d", includes: [join(root, "csv/t")], classifiers };
    const report = await glue.crawl(options);
    expect(await types("t")).toEqual(["id:int", "day:date", "at:timestamp", "mixed:string", "name:string"]);
    const told = report.tables[0]?.reasons.filter(({ code }) => code === "TYPE_COUNTER_EXAMPLE");
    expect(told?.map(({ evidence }) => evidence)).toMatchObject([
      { column: "mixed", type: "date", count: 1, of: 2, first: { file: join(root, "csv/t/f.csv"), record: 1 } },
    ]);
    put(
      "csv/t/g.csv",
      "id,day,at,mixed,name\n3,2024-01-01,2024-01-01T10:00:00Z,x,c\n4,2024-01-01,2024-01-01T10:00:00Z,x,d\n",
    );
    await glue.crawl(options);
    expect(await types("t")).toEqual(["id:int", "day:date", "at:timestamp", "mixed:string", "name:string"]);
    await glue.catalog.deleteTable("d", "t");
    await glue.crawl({ ...options, classifiers: [] });
    expect(await types("t")).toEqual(["id:bigint", "day:string", "at:string", "mixed:string", "name:string"]);
  });

  test.each([
    [{ delimiter: "::" }, "delimiter"],
    [{ quoteSymbol: "" }, "quoteSymbol"],
    [{ delimiter: "|", quoteSymbol: "|" }, "quoteSymbol"],
    [{ quoteSymbol: "," }, "quoteSymbol"],
    [{ header: ["a", "a"] }, "header"],
    [{ customDatatypes: ["UUID"] }, "customDatatypes"],
    [{ containsHeader: "MAYBE" as never }, "containsHeader"],
  ])("a CSV classifier with %j is refused", async (settings, name) => {
    await expect(
      glue.crawl({ database: "d", includes: [root], classifiers: [{ type: "csv", ...settings }] }),
    ).rejects.toMatchObject({ code: "INVALID_CRAWLER", path: `classifiers[0].${name}` });
  });
});
