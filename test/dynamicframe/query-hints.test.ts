/**
 * What a query that the engine refuses is told: the name of the frame itself, and tables of the catalog that are like
 * the one it names.
 */
import { temporaryContext } from "../../src/testing/index.js";

test("over a frame, and over the catalog", async () => {
  await using context = await temporaryContext({ threads: 1 });
  const { glue, catalog } = context;
  await catalog.createDatabase({ Name: "shop" });
  await catalog.createTable("shop", { Name: "orders" });
  const df = glue.createDynamicFrame.fromRows([{ n: 1 }]).toDF();
  await expect(df.sql("select n from this").rows()).rejects.toMatchObject({
    code: "SQL_FAILED",
    hint: "The frame itself is the table self.",
  });
  const hintOf = (text: string): Promise<unknown> =>
    glue
      .sql(text)
      .rows()
      .then(
        () => "none was needed",
        (error: { readonly hint?: string }) => error.hint,
      );
  expect(await hintOf("select * from shop.ordres")).toBe("Did you mean shop.orders?");
  expect(await hintOf("select o.n from (select 1 as n) o, Shop.order")).toBe("Did you mean shop.orders?");
  expect(await hintOf("select o.m from (select 1 as n) o")).toBeUndefined();
});

test("a signal that is aborted already ends every action, also one whose answer is known", async () => {
  await using context = await temporaryContext({ threads: 1 });
  const frame = context.glue.createDynamicFrame.fromRows([{ n: 1 }]);
  const signal = AbortSignal.abort(new Error("no more"));
  await frame.schema();
  for (const action of [
    frame.schema({ signal }),
    frame.count({ signal }),
    frame.errorsCount({ signal }),
    frame.show(1, { signal }),
    frame.drift({ signal }),
    frame.explain({ signal }),
  ])
    await expect(action).rejects.toThrow("no more");
});
