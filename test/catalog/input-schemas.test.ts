import { Ajv } from "ajv";
import { INPUT_SCHEMAS } from "../../src/catalog/input-schemas.js";
import { inputCheck } from "../../src/catalog/validate-input.js";

it.each(Object.entries(INPUT_SCHEMAS))("the schema of %s is a valid JSON Schema", (_, schema) => {
  const ajv = new Ajv({ strict: true, strictRequired: false, strictTypes: false, unicodeRegExp: true });
  expect([ajv.validateSchema(schema), ajv.errors]).toEqual([true, null]);
});

it("takes names and columns that data brings, and names the member that is wrong", async () => {
  const check = inputCheck();
  const table = (Name: string, type = "int"): unknown => ({
    Name: "t",
    StorageDescriptor: { Columns: [{ Name, Type: type }] },
  });
  for (const name of ["a.b", "a\nb", "`q`", "😀", "x".repeat(255), " "])
    await expect(check("table", table(name))).resolves.toBeUndefined();
  for (const name of ["", "x".repeat(256), "a\0b", "\uD800"]) {
    await expect(check("table", table(name))).rejects.toMatchObject({
      code: "INVALID_INPUT",
      path: "TableInput.StorageDescriptor.Columns.0.Name",
    });
  }
  await expect(check("table", table("a", "x".repeat(131_073)))).rejects.toMatchObject({
    path: "TableInput.StorageDescriptor.Columns.0.Type",
  });
  await expect(check("table", { Name: "t", Paramaters: {} })).rejects.toMatchObject({
    hint: "did you mean Parameters?",
  });
  await expect(check("table", { Name: "t", Parameters: { a: 1 } })).rejects.toMatchObject({
    path: "TableInput.Parameters.a",
  });
  await expect(check("partition", { Values: ["ok", "a\0"] })).rejects.toMatchObject({
    path: "PartitionInput.Values.1",
  });
});
