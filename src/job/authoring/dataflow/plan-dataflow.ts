/** The data flow of a job that maps a table's columns: what GetPlan writes a script of. Pure. */
import {
  badDataflow,
  type Dataflow,
  type DataflowArgument,
  type DataflowEdge,
  type DataflowNode,
  SINK,
  SOURCE,
} from "./dataflow.js";

export type PlanTable = { readonly database: string; readonly table: string };
/** `targetTable` chooses the sink that a column goes to; without one it goes to all. */
export type PlanMapping = {
  readonly source: string;
  readonly sourceType: string;
  readonly target: string;
  readonly targetType: string;
  readonly targetTable?: string;
};

export type PlanLocation =
  | { readonly kind: "s3"; readonly path: string; readonly format: string }
  | { readonly kind: "jdbc"; readonly connection: string; readonly table: string; readonly database?: string }
  | { readonly kind: "dynamodb"; readonly table: string };

export type Plan = {
  readonly source: PlanTable;
  readonly mappings: readonly PlanMapping[];
  readonly sinks: readonly PlanTable[];
  readonly location?: PlanLocation;
};

/**
 * Source, its choices resolved as its table says, for a mapping takes only values of the types it names → mapping →
 * what the sink can hold → sink, for each sink.
 * @throws BAD_DATAFLOW for a sink that gets no column.
 */
export function planDataflow({ source, mappings, sinks, location }: Plan): Dataflow {
  const flow = new FlowBuilder();
  const read = flow.resolve(flow.add("datasource", SOURCE, [], tableArguments(source)), source);
  for (const sink of sinks) {
    const own = mappings.filter(({ targetTable }) => targetTable === undefined || targetTable === sink.table);
    if (own.length === 0)
      throw badDataflow(
        `No column is mapped to ${sink.database}.${sink.table}`,
        "Mapping",
        "TargetTable names the sink's table.",
      );
    const selected = flow.add(
      "selectfields",
      "SelectFields",
      [flow.map(read, own)],
      [argument("paths", list(own.map(({ target }) => target)))],
    );
    flow.add("datasink", SINK, [flow.resolve(selected, sink)], tableArguments(sink));
  }
  if (sinks.length > 0) return flow;
  const mapped = flow.map(read, mappings);
  if (location === undefined) return flow;
  const resolved = flow.add("resolvechoice", "ResolveChoice", [mapped], [argument("choice", quoted("make_struct"))]);
  flow.add(
    "datasink",
    SINK,
    [flow.add("dropnullfields", "DropNullFields", [resolved], [])],
    locationArguments(location),
  );
  return flow;
}

class FlowBuilder implements Dataflow {
  readonly nodes: DataflowNode[] = [];
  readonly edges: DataflowEdge[] = [];

  add(name: string, type: string, frames: readonly string[], args: readonly DataflowArgument[]): string {
    const id = `${name}${this.nodes.length}`;
    this.nodes.push({ id, type, args: [...args, argument("transformation_ctx", quoted(id))] });
    for (const source of frames) this.edges.push({ source, target: id, parameter: "frame" });
    return id;
  }

  resolve(frame: string, table: PlanTable): string {
    return this.add(
      "resolvechoice",
      "ResolveChoice",
      [frame],
      [argument("choice", quoted("match_catalog")), ...tableArguments(table)],
    );
  }

  map(frame: string, mappings: readonly PlanMapping[]): string {
    const rows = mappings.map(
      ({ source, sourceType, target, targetType }) =>
        `(${[source, sourceType, target, targetType].map(quoted).join(", ")})`,
    );
    return this.add("applymapping", "ApplyMapping", [frame], [argument("mappings", `[${rows.join(", ")}]`)]);
  }
}

const argument = (name: string, value: string): DataflowArgument => ({ name, value, param: false });
/** JSON's texts are Python's. */
const quoted = (text: string): string => JSON.stringify(text);
const list = (texts: readonly string[]): string => `[${texts.map(quoted).join(", ")}]`;
const tableArguments = ({ database, table }: PlanTable): readonly DataflowArgument[] => [
  argument("database", quoted(database)),
  argument("table_name", quoted(table)),
];
const options = (entries: readonly (readonly [string, string])[]): string =>
  `{${entries.map(([name, value]) => `${quoted(name)}: ${quoted(value)}`).join(", ")}}`;

function locationArguments(location: PlanLocation): readonly DataflowArgument[] {
  switch (location.kind) {
    case "s3":
      return [
        argument("connection_type", quoted("s3")),
        argument("connection_options", options([["path", location.path]])),
        argument("format", quoted(location.format)),
      ];
    case "jdbc":
      return [
        argument("catalog_connection", quoted(location.connection)),
        argument(
          "connection_options",
          options([
            ["dbtable", location.table],
            ...(location.database === undefined ? [] : [["database", location.database] as const]),
          ]),
        ),
      ];
    case "dynamodb":
      return [
        argument("connection_type", quoted("dynamodb")),
        argument("connection_options", options([["dynamodb.output.tableName", location.table]])),
      ];
  }
}
