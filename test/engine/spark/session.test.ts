import { tmpdir } from "node:os";
import { join } from "node:path";
import { sparkEngine } from "../../../src/engine/spark/index.js";
import { fileStorage } from "../../../src/storage/file.js";
import { values } from "../../../src/plan/ir/build.js";
import { INT, structOf } from "../../../src/types/data-type.js";
import { describeSpark, openSpark, type OpenedSpark } from "./spark-server.js";

describeSpark("a session on Spark", () => {
  let opened: OpenedSpark;
  beforeAll(async () => {
    opened = await openSpark();
  });
  afterAll(() => opened.close());

  const one = values([{ a: 1 }], structOf({ a: INT }));

  it("errors carry Spark's class, the SQLSTATE and the fragment that is meant", async () => {
    await expect(opened.session.sql("select nope from t", new Map([["t", one]]))).rejects.toMatchObject({
      code: "SQL_FAILED",
      found: "nope",
      message: expect.stringMatching(/^\[UNRESOLVED_COLUMN\.WITH_SUGGESTION, SQLSTATE 42703\] /),
    });
  });

  it("texts of a query are taken as they are: no variables, no escapes beyond SQL's own", async () => {
    const result = await opened.session.sql("select '${env:HOME}' as v, a from t", new Map([["t", one]]));
    const rows = [];
    for await (const batch of result.rows()) rows.push(...batch);
    expect(rows).toEqual([{ v: "${env:HOME}", a: 1 }]);
  });
});

it("a server that is not there is an error, soon", async () => {
  const open = sparkEngine("sc://127.0.0.1:1").open({
    storage: fileStorage(),
    stagingDirectory: join(tmpdir(), "dynaframe-no-server"),
  });
  await expect(open).rejects.toMatchObject({ code: "SPARK_UNREACHABLE" });
});

it.each([
  ["sc://", "no host"],
  ["sc://h:99999", "no port"],
  ["sc://h/;token=secret;use_ssl=false", "a token in the clear"],
  ["sc://h/;use_ssl=maybe", "no truth"],
  ["sc://h/;x", "no value"],
])("%s is refused: %s", (address) => {
  expect(() => sparkEngine(address)).toThrow(
    expect.objectContaining({ code: "BAD_OPTION", message: expect.not.stringContaining("secret") }),
  );
});
