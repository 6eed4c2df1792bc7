/**
 * A schema as a list of paths, for comparison and for finding one. Paths are spelled as everywhere: `items[].qty`,
 * `` `a.b`.c ``.
 */
import type { DataType, StructType } from "../types/data-type.js";
import { fieldStep, printPath } from "../types/path.js";

/**
 * Every path with its type, parents first: fields, `[]` for elements, `{value}` for the values of a map; arms of a
 * choice share its path.
 */
export function typePaths(type: StructType): ReadonlyMap<string, DataType> {
  const paths = new Map<string, DataType>();
  const visit = (path: string, at: DataType): void => {
    switch (at.kind) {
      case "struct":
        for (const { name, type: child } of at.fields)
          enter(`${path === "" ? "" : `${path}.`}${printPath([fieldStep(name)])}`, child);
        break;
      case "array":
      case "set":
        enter(`${path}[]`, at.element);
        break;
      case "map":
        enter(`${path}{value}`, at.value);
        break;
      case "choice":
        for (const arm of at.choices) visit(path, arm);
        break;
      default:
        break;
    }
  };
  const enter = (path: string, at: DataType): void => {
    if (!paths.has(path)) paths.set(path, at);
    visit(path, at);
  };
  visit("", type);
  return paths;
}

/**
 * The lines of a printed schema by path, `root` and indentation aside: `friends[].age` → `int`, a choice →
 * `choice{int,string}`.
 */
export function textPaths(text: string): ReadonlyMap<string, string> {
  const rows = text
    .split("\n")
    .map((row) => row.trim())
    .filter((row) => row !== "" && row !== "root");
  const paths = new Map<string, string>();
  const open: { path: string; kind: string }[] = [{ path: "", kind: "struct" }];
  for (const row of rows) {
    const [, bars = "", label = ""] = /^((?:\|\s+)*)\|-- (.*)$/.exec(row) ?? [undefined, "", row];
    const depth = (bars.match(/\|/g) ?? []).length;
    const parent = open[depth] ?? { path: "", kind: "struct" };
    const cut = label.lastIndexOf(": ");
    const name = cut < 0 ? label : label.slice(0, cut);
    const kind = cut < 0 ? "" : label.slice(cut + 2);
    if (parent.kind === "choice") {
      const arms = (paths.get(parent.path) ?? "")
        .replace(/^choice\{?|\}$/g, "")
        .split(",")
        .filter((arm) => arm !== "");
      paths.set(parent.path, `choice{${[...arms, label].sort().join(",")}}`);
      continue;
    }
    const path =
      parent.kind === "array" || parent.kind === "set"
        ? `${parent.path}[]`
        : parent.kind === "map"
          ? `${parent.path}{${name}}`
          : `${parent.path === "" ? "" : `${parent.path}.`}${printPath([fieldStep(name)])}`;
    paths.set(path, kind);
    open.splice(depth + 1, open.length, { path, kind });
  }
  return paths;
}
