import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { GlueContext } from "../../../src/index.js";
import { grokExpression } from "../../../src/formats/grok/grok-expression.js";
import { GROK_PATTERNS } from "../../../src/formats/grok/grok-patterns.js";
import { grokFormat } from "../../../src/formats/grok/grok-format.js";
import { grokReader, type GrokOptions } from "../../../src/formats/grok/grok-reader.js";
import { DynaframeError } from "../../../src/types/error.js";
import type { RecordEvent } from "../../../src/shapes/records/record-reader.js";
import { faultsOf, plainOf, readEvents, recordsOf, type Plain } from "../read-events.js";

const read = (text: string | Uint8Array, logFormat: string, options: Partial<GrokOptions> = {}, piece?: number) =>
  readEvents(grokReader({ logFormat, customPatterns: "", missing: "-", strict: false, ...options }), text, piece);
const records = async (text: string, logFormat: string, options?: Partial<GrokOptions>): Promise<Plain[]> =>
  recordsOf(await read(text, logFormat, options));

/** Events whose values stand with their places, which are looked up when asked for. */
const placed = (events: readonly RecordEvent[]): unknown[] =>
  events.map((event) =>
    event.kind === "record"
      ? { ...event, value: [...event.value.fields].map(([name, value]) => [name, plainOf(value), value.at]) }
      : event,
  );

function thrown(call: () => unknown): DynaframeError {
  try {
    call();
  } catch (error) {
    if (error instanceof DynaframeError) return error;
  }
  throw new Error("nothing of ours was thrown");
}

describe("fields", () => {
  test("each type, a string by default", async () => {
    const format =
      "%{NOTSPACE:a} %{NUMBER:b:byte} %{NUMBER:c:short} %{NUMBER:d:int} %{NUMBER:e:long} %{NUMBER:f:float} %{NUMBER:g:double} %{WORD:h:boolean} %{NUMBER:i:string}";
    expect(await records("x 1 -300 70000 9223372036854775807 0.5 1.25 TRUE 9\n", format)).toEqual([
      {
        a: "string x",
        b: "byte 1",
        c: "short -300",
        d: "int 70000",
        e: "long 9223372036854775807",
        f: "float 0.5",
        g: "double 1.25",
        h: "boolean true",
        i: "string 9",
      },
    ]);
  });

  test("a text that is not of its type stays a string, and makes the line malformed in strict mode", async () => {
    const text = "300 2147483648\n1 2\nx 1.5\n";
    const format = "%{NOTSPACE:b:byte} %{NOTSPACE:i:int}";
    const loose = await read(text, format);
    expect(recordsOf(loose)).toEqual([
      { b: "string 300", i: "string 2147483648" },
      { b: "byte 1", i: "int 2" },
      { b: "string x", i: "string 1.5" },
    ]);
    const strict = await read(text, format, { strict: true });
    expect(recordsOf(strict)).toEqual([{ b: "byte 1", i: "int 2" }]);
    expect(faultsOf(strict)).toEqual([
      ["OUT_OF_RANGE", 0, 14],
      ["OUT_OF_RANGE", 19, 24],
    ]);
  });

  test("the option MISSING names the text that stands for null", async () => {
    const folder = await mkdtemp(join(tmpdir(), "dynaframe-grok-"));
    const glue = await GlueContext.open({ engine: "reference" });
    try {
      await writeFile(join(folder, "a.log"), "N/A\n-\n");
      const read_ = (more: object): Promise<unknown> =>
        glue.createDynamicFrame
          .fromOptions({
            connectionType: "file",
            connectionOptions: { paths: [folder] },
            format: "grokLog",
            formatOptions: { logFormat: "%{NOTSPACE:a}", ...more },
          })
          .records();
      expect([await read_({ MISSING: "N/A" }), await read_({})]).toEqual([
        [{ a: null }, { a: "-" }],
        [{ a: "N/A" }, { a: null }],
      ]);
    } finally {
      await glue.close();
      await rm(folder, { recursive: true, force: true });
    }
  });

  test("the missing mark and parts that took no part are null", async () => {
    const format = "%{NOTSPACE:a:int}(?: %{WORD:b})?";
    expect(await records("- x\n1\n", format)).toEqual([
      { a: "null null", b: "string x" },
      { a: "int 1", b: "null null" },
    ]);
    expect(await records("N/A\n-\n", "%{NOTSPACE:a}", { missing: "N/A" })).toEqual([
      { a: "null null" },
      { a: "string -" },
    ]);
  });

  test("a field in several places is what took part; several that did make a list", async () => {
    expect(await records("a=1\nb=2\n", "(?:a=%{INT:x:int}|b=%{INT:x:int})")).toEqual([{ x: "int 1" }, { x: "int 2" }]);
    expect(await records("1,2,3\n", "%{INT:x:int},%{INT:x:int},%{INT:x:int}")).toEqual([
      { x: ["int 1", "int 2", "int 3"] },
    ]);
  });

  test("UNWANTED is thrown away; names may hold dots, dashes and @", async () => {
    expect(await records("1 2 3\n", "%{INT:UNWANTED} %{INT:a.b-c} %{INT:@d}")).toEqual([
      { "a.b-c": "string 2", "@d": "string 3" },
    ]);
  });

  test("values are placed at their bytes", async () => {
    const [event] = await read("\u00e9\u00e9 42\n", "%{NOTSPACE:a} %{INT:b:int}");
    expect(event?.kind === "record" && [...event.value.fields.values()].map(({ at }) => at)).toEqual([0, 5]);
  });
});

describe("custom patterns", () => {
  test("one per line, before the built-in ones, using each other", async () => {
    const customPatterns = "# codes\nCODE [A-Z]+%{DIGIT}\n\nDIGIT 3\r\nWORD w+\n";
    expect(await records("ABC3 www abc\n", "%{CODE:c} %{WORD:w}", { customPatterns })).toEqual([
      { c: "string ABC3", w: "string www" },
    ]);
  });

  test("what Java allows and a matcher without backtracking does not need: atomic groups and possessive quantifiers", async () => {
    expect(await records("aab 12\n", "%{A:a} %{B:b}", { customPatterns: "A (?>a+)b\nB [0-9]++" })).toEqual([
      { a: "string aab", b: "string 12" },
    ]);
    expect(await records("k=v\n", "(?<key>\\w+)=(?<value>[^>]+)")).toEqual([{ key: "string k", value: "string v" }]);
    expect(await records("(?>[+]+)+\n", "%{A:a}", { customPatterns: "A \\(\\?>\\[[+]\\]\\+\\)\\+" })).toEqual([
      { a: "string (?>[+]+)+" },
    ]);
  });

  test("wrong calls say what is wrong", () => {
    const codes = (logFormat: string, custom = ""): unknown => {
      const { code, path, message, hint } = thrown(() => grokExpression(logFormat, custom));
      return [code, path, message, hint];
    };
    expect(codes("%{NUMBR:a}")).toEqual([
      "BAD_OPTION",
      "logFormat",
      "there is no grok pattern NUMBR",
      expect.stringContaining("Did you mean NUMBER?"),
    ]);
    expect(codes("%{INT:a:date}")).toEqual([
      "BAD_OPTION",
      "logFormat",
      expect.stringContaining("the type date"),
      expect.anything(),
    ]);
    expect(codes("%{A}", "A %{B}\nB x%{A}")).toEqual([
      "BAD_OPTION",
      "customPatterns",
      "the pattern A contains itself",
      expect.anything(),
    ]);
    expect(codes("a(?=b)")).toEqual([
      "BAD_OPTION",
      "logFormat",
      expect.stringContaining("linear time"),
      expect.anything(),
    ]);
    expect(codes("(a)\\1")).toEqual([
      "BAD_OPTION",
      "logFormat",
      expect.stringContaining("linear time"),
      expect.anything(),
    ]);
    expect(codes("%{A}", "just-one-word")).toEqual([
      "BAD_OPTION",
      "customPatterns",
      "customPatterns: line 1 is no pattern",
      expect.anything(),
    ]);
    expect(
      codes(
        "%{A0}",
        Array.from({ length: 30 }, (_, i) => `A${i} %{A${i + 1}}%{A${i + 1}}`)
          .concat("A30 x")
          .join("\n"),
      ),
    ).toEqual(["BAD_OPTION", "logFormat", expect.stringContaining("more than 100000"), expect.anything()]);
    expect(codes(Array.from({ length: 30 }, () => ".{1000}").join(""))).toEqual([
      "BAD_OPTION",
      "logFormat",
      expect.stringContaining("more than 20000 steps"),
      expect.anything(),
    ]);
    expect(thrown(() => grokFormat.checkOptions({})).code).toBe("BAD_OPTION");
    expect(thrown(() => grokFormat.checkOptions({ logFormat: "%{INT:a}", LineCount: 2 })).code).toBe(
      "UNSUPPORTED_OPTION",
    );
    expect(thrown(() => grokFormat.checkOptions({ logFormat: "%{INT:a}", strictMode: true })).hint).toBe(
      "Did you mean StrictMode?",
    );
  });
});

describe("lines", () => {
  test("a line that does not match is malformed, with its place; empty ones are passed over; the last needs no end", async () => {
    const text = "1\r\n\nabc\n2";
    const events = await read(text, "%{INT:a:int}");
    expect(recordsOf(events)).toEqual([{ a: "int 1" }, { a: "int 2" }]);
    expect(faultsOf(events)).toEqual([["GROK_NO_MATCH", 4, 7]]);
  });

  test("bytes that are not UTF-8 cost their line", async () => {
    const events = await read(
      Buffer.concat([Buffer.from("a\n"), Buffer.from([0x62, 0xc3, 0x0a]), Buffer.from("c\n")]),
      "%{GREEDYDATA:a}",
    );
    expect(recordsOf(events)).toEqual([{ a: "string a" }, { a: "string c" }]);
    expect(faultsOf(events)).toEqual([["INVALID_UTF8", 2, 4]]);
  });

  test("a line past the limit is dropped and told, whatever its size; its neighbours are read", async () => {
    const customPatterns = `BIG x{900}|${Array.from({ length: 15 }, (_, i) => `${String.fromCharCode(97 + i)}{900}`).join("|")}|\\d+`;
    const long = "y".repeat(3 << 20);
    const events = await read(`1\n${long}\n2\n${long}`, "%{BIG:a:int}", { customPatterns }, 64 << 10);
    expect(recordsOf(events)).toEqual([{ a: "int 1" }, { a: "int 2" }]);
    expect(faultsOf(events)).toEqual([
      ["RECORD_TOO_LARGE", 2, 2 + long.length],
      ["RECORD_TOO_LARGE", 5 + long.length, 5 + 2 * long.length],
    ]);
  });

  test("patterns that make a backtracking matcher hang take time in proportion to the line", async () => {
    const line = `${"a".repeat(50_000)}!\n`;
    for (const [logFormat, customPatterns] of [
      ["^%{EVIL:x}$", "EVIL (a+)+"],
      ["^%{EVIL:x}$", "EVIL (a|a)*"],
      ["%{GREEDYDATA:a}%{GREEDYDATA:b}%{GREEDYDATA:c}X", ""],
      ["^(?:%{DATA:a},)*$", ""],
    ] as const) {
      const events = await read(line, logFormat, { customPatterns });
      expect(faultsOf(events).map(([code]) => code)).toEqual(["GROK_NO_MATCH"]);
    }
  });

  test("cut into pieces of any size, the same comes out", async () => {
    const line = fc.string({ unit: fc.constantFrom("1", "2", "x", " ", "\u00e9", "-", "\r"), maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 8 }), fc.integer({ min: 1, max: 20 }), async (lines, piece) => {
        const text = lines.join("\n");
        const events = await read(text, "%{INT:n:int}(?: %{NOTSPACE:w})?", {}, piece);
        const kept = lines
          .map((each, i) => (i < lines.length - 1 ? each.replace(/\r$/, "") : each.replace(/\r$/, "\r")))
          .filter((each) => each !== "");
        // an oracle of its own: JavaScript's matcher, which is exact for this pattern
        const expected = kept.flatMap((each) => {
          const found = /([+-]?[0-9]+)(?: (\S+))?/.exec(each);
          return found
            ? [
                {
                  n: `int ${Number(found[1])}`,
                  w: found[2] === undefined || found[2] === "-" ? "null null" : `string ${found[2]}`,
                },
              ]
            : [];
        });
        expect(recordsOf(events)).toEqual(expected);
        expect(placed(events)).toEqual(placed(await read(text, "%{INT:n:int}(?: %{NOTSPACE:w})?")));
      }),
    );
  });
});

describe("built-in patterns", () => {
  test("all compile", () => {
    for (const name of Object.keys(GROK_PATTERNS))
      expect([name, grokExpression(`%{${name}:x}`, "").captures.length > 0]).toEqual([name, true]);
  });

  // from the documentation of each format: httpd's mod_log_config, RFC 3164, RFC 4291, ISO 8601
  test.each([
    ["NUMBER", ["1", "-1.5", "+.5"], ["x", "."]],
    ["IPV4", ["127.0.0.1", "255.255.255.255"], ["256.0.0.1", "1.2.3"]],
    [
      "IPV6",
      [
        "::1",
        "2001:db8::8a2e:370:7334",
        "fe80::1%eth0",
        "1:2:3:4:5:6:7:8",
        "::ffff:1.2.3.4",
        "::",
        "1::",
        "1::2",
        "64:ff9b::192.0.2.33",
      ],
      ["1:2", "12345::x", "1:2:3", "1:2:3:4:5:6:7:8:9"],
    ],
    ["IPORHOST", ["127.0.0.1", "::1", "2001:db8::8a2e:370:7334", "mail.example-1.com.", "host"], ["-x", "a b"]],
    ["MAC", ["00:1B:44:11:3A:B7", "00-1b-44-11-3a-b7", "001b.4411.3ab7"], ["00:1B:44"]],
    ["UUID", ["123e4567-e89b-12d3-a456-426614174000"], ["123e4567"]],
    ["HTTPDATE", ["10/Oct/2000:13:55:36 -0700"], ["10/10/2000:13:55:36 -0700"]],
    [
      "TIMESTAMP_ISO8601",
      ["2024-02-29T12:34:56Z", "2024-02-29 12:34:56,789", "24-02-29T12:34:56+01:00"],
      ["2024-13-01T00:00:00Z"],
    ],
    ["SYSLOGTIMESTAMP", ["Oct 11 22:14:15", "Oct  1 02:14:15"], ["10 Oct 22:14:15"]],
    ["LOGLEVEL", ["INFO", "warning", "ERR", "Fatal"], ["loud"]],
    ["QUOTEDSTRING", ['"a \\" b"', "'x'", '""'], ['"a']],
    ["URI", ["http://user@example.com:80/a/b?c=d"], ["example"]],
    ["YEAR", ["2024", "24"], ["x"]],
    ["WINPATH", ["C:\\a\\b"], ["/a"]],
    ["UNIXPATH", ["/var/log/x.log"], ["a"]],
  ])("%s", (name, good, bad) => {
    const { match } = grokExpression(`^%{${name}:x}$`, "");
    expect(good.filter((text) => match(text) === undefined)).toEqual([]);
    expect(bad.filter((text) => match(text) !== undefined)).toEqual([]);
  });

  test("Apache's common and combined logs (examples of httpd's documentation)", async () => {
    const common = '127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /apache_pb.gif HTTP/1.0" 200 2326';
    const fields = {
      clientip: "string 127.0.0.1",
      ident: "null null",
      auth: "string frank",
      timestamp: "string 10/Oct/2000:13:55:36 -0700",
      verb: "string GET",
      request: "string /apache_pb.gif",
      httpversion: "string 1.0",
      rawrequest: "null null",
      response: "string 200",
      bytes: "string 2326",
    };
    expect(await records(`${common}\n`, "%{COMMONAPACHELOG}")).toEqual([fields]);
    expect(
      await records(
        `${common} "http://www.example.com/start.html" "Mozilla/4.08 [en] (Win98; I ;Nav)"\n`,
        "%{COMBINEDAPACHELOG}",
      ),
    ).toEqual([
      {
        ...fields,
        referrer: 'string "http://www.example.com/start.html"',
        agent: 'string "Mozilla/4.08 [en] (Win98; I ;Nav)"',
      },
    ]);
    expect(await records('::1 - - [10/Oct/2000:13:55:36 -0700] "\\x16" 400 -\n', "%{COMMONAPACHELOG}")).toEqual([
      {
        ...fields,
        clientip: "string ::1",
        auth: "null null",
        verb: "null null",
        request: "null null",
        httpversion: "null null",
        rawrequest: "string \\x16",
        response: "string 400",
        bytes: "null null",
      },
    ]);
  });

  test("syslog (the example of RFC 3164) and the Linux kernel's", async () => {
    expect(
      await records("Oct 11 22:14:15 mymachine su[231]: 'su root' failed for lonvick on /dev/pts/8\n", "%{SYSLOGLINE}"),
    ).toEqual([
      {
        timestamp: "string Oct 11 22:14:15",
        facility: "null null",
        priority: "null null",
        logsource: "string mymachine",
        program: "string su",
        pid: "string 231",
        message: "string 'su root' failed for lonvick on /dev/pts/8",
      },
    ]);
    expect(
      await records("Feb  3 10:00:00 host kernel: [    0.000012] Linux version 6.1.0\n", "%{LINUXKERNELLOG}"),
    ).toEqual([
      {
        timestamp: "string Feb  3 10:00:00",
        logsource: "string host",
        uptime: "double 0.000012",
        message: "string Linux version 6.1.0",
      },
    ]);
  });
});
