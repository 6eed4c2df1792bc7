import { compareSchemaText, compareTypes, withProperties } from "../../conformance/compare/schema-text.js";

const tree = (...lines: readonly string[]): string => ["root", ...lines].join("\n");

describe("schema text", () => {
  it("ignores a final newline", () => {
    expect(compareSchemaText(`${tree("|-- a: int")}\n`, tree("|-- a: int"), "exact")).toBeUndefined();
  });

  it("tells field order apart only when asked, at every level", () => {
    const a = tree("|-- s: struct", "|    |-- x: int", "|    |-- y: int", "|-- b: string");
    const b = tree("|-- b: string", "|-- s: struct", "|    |-- y: int", "|    |-- x: int");
    expect(compareSchemaText(a, b, "ignore")).toBeUndefined();
    expect(compareSchemaText(a, b, "exact")).toBeDefined();
  });

  it("never orders the members of a choice", () => {
    const a = tree("|-- c: choice", "|    |-- string", "|    |-- int");
    const b = tree("|-- c: choice", "|    |-- int", "|    |-- string");
    expect(compareSchemaText(a, b, "exact")).toBeUndefined();
    expect(compareSchemaText(a, tree("|-- c: choice", "|    |-- int", "|    |-- long"), "ignore")).toBeDefined();
  });

  it("does not mistake one nesting for another", () => {
    const inside = tree("|-- s: struct", "|    |-- x: int");
    const beside = tree("|-- s: struct", "|-- x: int");
    expect(compareSchemaText(inside, beside, "ignore")).toBeDefined();
    expect(compareSchemaText(beside, inside, "ignore")).toBeDefined();
  });

  it("sees a missing field, another type, a repeated field, and text that is no tree", () => {
    expect(compareSchemaText(tree("|-- a: int"), tree("|-- a: int", "|-- b: int"), "ignore")).toBeDefined();
    expect(compareSchemaText(tree("|-- a: int"), tree("|-- a: long"), "ignore")).toBeDefined();
    expect(compareSchemaText(tree("|-- a: int", "|-- a: int"), tree("|-- a: int"), "ignore")).toBeDefined();
    expect(compareSchemaText("root\n |-- a: int", tree("|-- a: int"), "ignore")).toBeDefined();
    expect(compareSchemaText("root", tree("|-- a: int"), "ignore")).toBeDefined();
  });
});

describe("type JSON", () => {
  const atom = (dataType: string): { dataType: string; properties: object } => ({ dataType, properties: {} });
  const struct = (...names: readonly string[]) => ({
    dataType: "struct",
    properties: {},
    fields: names.map((name) => ({ name, container: atom("int"), properties: {} })),
  });

  it("orders fields only when asked, choices never", () => {
    expect(compareTypes(struct("a", "b") as never, struct("b", "a") as never, "ignore")).toBeUndefined();
    expect(compareTypes(struct("a", "b") as never, struct("b", "a") as never, "exact")).toBeDefined();
    const choice = (...names: readonly string[]) => ({ dataType: "choice", properties: {}, choices: names.map(atom) });
    expect(compareTypes(choice("int", "string") as never, choice("string", "int") as never, "exact")).toBeUndefined();
    expect(compareTypes(choice("int", "string") as never, choice("string", "long") as never, "ignore")).toBeDefined();
  });

  it("demands exactly the keys", () => {
    expect(compareTypes({ dataType: "int" }, atom("int") as never, "ignore")).toBeDefined();
    expect(
      compareTypes({ dataType: "int", properties: {}, extra: null }, atom("int") as never, "ignore"),
    ).toBeDefined();
    expect(compareTypes(withProperties({ dataType: "int" }), atom("int") as never, "ignore")).toBeUndefined();
  });

  it("fills in missing properties at every level, not inside properties", () => {
    expect(
      withProperties({ dataType: "array", elementType: { dataType: "int" }, properties: { dataType: "x" } }),
    ).toEqual({ dataType: "array", elementType: { dataType: "int", properties: {} }, properties: { dataType: "x" } });
  });
});
