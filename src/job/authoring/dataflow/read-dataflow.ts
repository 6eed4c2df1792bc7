/**
 * Reads the data flow out of an awsglue script: its calls are what counts, not the comments that scripts carry about
 * them. Pure.
 */
import {
  type PythonLine,
  pythonLines,
  sourceOf,
  splitArguments,
  type Token,
  tokensOf,
  Untranslatable,
} from "../port/python-lines.js";
import {
  badDataflow,
  type Dataflow,
  type DataflowArgument,
  type DataflowEdge,
  type DataflowNode,
  firstParameter,
  SINK,
  SOURCE,
  TRANSFORM_PARAMETERS,
} from "./dataflow.js";

/** Methods of frames, and the transforms that they are. */
const METHODS: ReadonlyMap<string, string> = new Map([
  ["apply_mapping", "ApplyMapping"],
  ["drop_fields", "DropFields"],
  ["filter", "Filter"],
  ["map", "Map"],
  ["relationalize", "Relationalize"],
  ["rename_field", "RenameField"],
  ["resolveChoice", "ResolveChoice"],
  ["select_fields", "SelectFields"],
  ["select", "SelectFromCollection"],
  ["spigot", "Spigot"],
  ["split_fields", "SplitFields"],
  ["split_rows", "SplitRows"],
  ["unbox", "Unbox"],
  ["unnest", "UnnestFrame"],
]);

/** Those whose method takes its arguments in another order than the transform. */
const METHOD_PARAMETERS: ReadonlyMap<string, readonly string[]> = new Map([
  ["Relationalize", ["name", "staging_path", "options"]],
]);

/** Positional arguments of sources and sinks. */
const PLACES: ReadonlyMap<string, readonly string[]> = new Map([
  ["create.from_catalog", ["database", "table_name", "redshift_tmp_dir", "transformation_ctx"]],
  ["create.from_options", ["connection_type", "connection_options", "format", "format_options", "transformation_ctx"]],
  ["write.from_catalog", ["frame", "database", "table_name", "redshift_tmp_dir", "transformation_ctx"]],
  [
    "write.from_options",
    ["frame", "connection_type", "connection_options", "format", "format_options", "transformation_ctx"],
  ],
  [
    "write.from_jdbc_conf",
    ["frame", "catalog_connection", "connection_options", "redshift_tmp_dir", "transformation_ctx"],
  ],
]);

type Call = {
  readonly type: string;
  readonly parameters: readonly string[];
  readonly on?: string;
  readonly args: readonly (readonly Token[])[];
  readonly text: string;
};

/** @throws BAD_DATAFLOW with its line for a statement that makes a frame of others in a way that no node is. */
export function readDataflow(script: string): Dataflow {
  const reader = new DataflowReader();
  for (const line of pythonLines(script)) reader.read(line);
  return { nodes: reader.nodes, edges: reader.edges };
}

class DataflowReader {
  readonly nodes: DataflowNode[] = [];
  readonly edges: DataflowEdge[] = [];
  /** The node whose frame a variable holds. */
  private readonly holders = new Map<string, string>();
  /** How often an id was wanted. */
  private readonly wanted = new Map<string, number>();
  private readonly ids = new Set<string>();

  read(line: PythonLine): void {
    const { variable, value } = assignmentOf(line.text);
    const call = attempt(() => callOf(value, (name) => this.holders.has(name)));
    if (call !== undefined) this.add(line, variable, call);
    else if (variable !== undefined) {
      if (this.uses(value))
        throw badDataflow(
          `Line ${line.number} makes ${variable} of a frame in a way that no node of a graph is: ${line.text.slice(0, 80)}`,
          "PythonScript",
          "Write it as a transform: one call for each statement.",
        );
      this.holders.delete(variable);
    } else if (/\bwrite_dynamic_frame\b|\.apply\s*\(/.test(line.text) && this.uses(line.text)) {
      throw badDataflow(
        `Line ${line.number} has a call that no node of a graph is: ${line.text.slice(0, 80)}`,
        "PythonScript",
      );
    }
  }

  private add({ number }: PythonLine, variable: string | undefined, { type, parameters, on, args, text }: Call): void {
    const id = this.freeId(variable ?? type.toLowerCase());
    const own: DataflowArgument[] = [];
    if (on !== undefined) this.connect(on, id, firstParameter(type));
    for (const [i, tokens] of args.entries()) {
      const { name, value } = argumentOf(tokens);
      const parameter = name ?? parameters[i];
      if (parameter === undefined)
        throw badDataflow(`Line ${number}: ${type} takes no argument ${i + 1}`, "PythonScript");
      const [only] = value;
      if (value.length === 1 && only?.kind === "name" && this.holders.has(only.text))
        this.connect(only.text, id, parameter);
      else {
        const written = sourceOf(text, value);
        if (this.uses(written))
          throw badDataflow(
            `Line ${number}: ${parameter} has a frame inside an expression`,
            "PythonScript",
            "Give the frame a name of its own.",
          );
        const param = /^args\s*\[\s*(["'])(\w+)\1\s*\]$/.exec(written)?.[2];
        own.push(
          param === undefined
            ? { name: parameter, value: written, param: false }
            : { name: parameter, value: param, param: true },
        );
      }
    }
    this.nodes.push({ id, type, args: own, line: number });
    if (variable !== undefined) this.holders.set(variable, id);
  }

  private connect(variable: string, target: string, parameter: string): void {
    this.edges.push({ source: this.holders.get(variable) ?? variable, target, parameter });
  }

  /** A variable that is set again stands for another node. */
  private freeId(wanted: string): string {
    for (;;) {
      const times = (this.wanted.get(wanted) ?? 0) + 1;
      this.wanted.set(wanted, times);
      const id = times === 1 ? wanted : `${wanted}_${times}`;
      if (this.ids.has(id)) continue;
      this.ids.add(id);
      return id;
    }
  }

  private uses(text: string): boolean {
    return (
      attempt(() => tokensOf(text).some((token) => token.kind === "name" && this.holders.has(token.text)))
      ?? (text.match(/[A-Za-z_]\w*/g) ?? []).some((name) => this.holders.has(name))
    );
  }
}

function assignmentOf(text: string): { readonly variable?: string; readonly value: string } {
  const found = /^([A-Za-z_]\w*)\s*=(?!=)\s*([\s\S]+)$/.exec(text);
  return found === null ? { value: text } : { variable: found[1] ?? "", value: found[2] ?? "" };
}

/** A statement that is one call of those that nodes stand for; undefined for all others. */
function callOf(value: string, isFrame: (name: string) => boolean): Call | undefined {
  const tokens = tokensOf(value);
  const open = tokens.findIndex(({ text }) => text === "(");
  const callee = tokens.slice(0, Math.max(open, 0)).map((token) => token.text);
  const end = tokens.at(-1);
  if (
    callee.length < 3
    || callee.length % 2 === 0
    || callee.some((part, i) => (i % 2 === 1) !== (part === "."))
    || end?.text !== ")"
  )
    return undefined;
  const [subject = "", , ...path] = callee;
  const method = path.join("");
  const text = value.slice(tokens[open]?.end, end.end - 1);
  const make = (type: string, parameters: readonly string[], on?: string): Call => ({
    type,
    parameters,
    args: splitArguments(text),
    text,
    ...(on === undefined ? {} : { on }),
  });
  const dynamic = /^(create|write)_dynamic_frame[._](from_catalog|from_options|from_jdbc_conf)$/.exec(method);
  const places = dynamic === null ? undefined : PLACES.get(`${dynamic[1] ?? ""}.${dynamic[2] ?? ""}`);
  if (places !== undefined) return make(dynamic?.[1] === "create" ? SOURCE : SINK, places);
  const transform = TRANSFORM_PARAMETERS.get(subject);
  if (transform !== undefined && method === "apply") return make(subject, transform);
  if (!isFrame(subject)) return undefined;
  if (method === "join") return make("Join", ["keys1", "keys2", "frame2"], subject);
  const type = METHODS.get(method);
  return type === undefined
    ? undefined
    : make(type, METHOD_PARAMETERS.get(type) ?? TRANSFORM_PARAMETERS.get(type)?.slice(1) ?? [], subject);
}

function argumentOf(tokens: readonly Token[]): { readonly name?: string; readonly value: readonly Token[] } {
  const [name, equals] = tokens;
  return name?.kind === "name" && equals?.kind === "operator" && equals.text === "="
    ? { name: name.text, value: tokens.slice(2) }
    : { value: tokens };
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof Untranslatable) return undefined;
    throw error;
  }
}
