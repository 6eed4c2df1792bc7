/** Scripts of data flows, and data flows of scripts. */
import type { Dataflow } from "../../job/authoring/dataflow/dataflow.js";
import { firstParameter } from "../../job/authoring/dataflow/dataflow.js";
import { dataflowScript } from "../../job/authoring/dataflow/dataflow-script.js";
import { planDataflow, type PlanLocation } from "../../job/authoring/dataflow/plan-dataflow.js";
import { readDataflow } from "../../job/authoring/dataflow/read-dataflow.js";
import { invalidInput } from "../../catalog/catalog-errors.js";
import { DynaframeError } from "../../types/error.js";
import { operation, type OperationTable } from "../operation.js";

type Argument = { readonly Name: string; readonly Value: string; readonly Param?: boolean };
type Node = { readonly Id: string; readonly NodeType: string; readonly Args: readonly Argument[] };
type Edge = { readonly Source: string; readonly Target: string; readonly TargetParameter?: string };
type Spoken = { readonly Language?: string };
type CreateScript = Spoken & { readonly DagNodes?: readonly Node[]; readonly DagEdges?: readonly Edge[] };
type Mapping = {
  readonly SourcePath?: string;
  readonly SourceType?: string;
  readonly TargetTable?: string;
  readonly TargetPath?: string;
  readonly TargetType?: string;
};
type Table = { readonly DatabaseName: string; readonly TableName: string };
type Location = {
  readonly Jdbc?: readonly Argument[];
  readonly S3?: readonly Argument[];
  readonly DynamoDB?: readonly Argument[];
};
type GetPlan = Spoken & {
  readonly Mapping: readonly Mapping[];
  readonly Source: Table;
  readonly Sinks?: readonly Table[];
  readonly Location?: Location;
  readonly AdditionalPlanOptionsMap?: { readonly [name: string]: string };
};

export const scriptOperations = {
  CreateScript: operation(async (input: CreateScript) => {
    requirePython(input);
    return { PythonScript: dataflowScript(flowOf(input)) };
  }),
  GetDataflowGraph: operation(async ({ PythonScript = "" }: { readonly PythonScript?: string }) => {
    const { nodes, edges } = readDataflow(PythonScript);
    return {
      DagNodes: nodes.map(({ id, type, args, line }) => ({
        Id: id,
        NodeType: type,
        Args: args.map(({ name, value, param }) => ({ Name: name, Value: value, Param: param })),
        LineNumber: line,
      })),
      DagEdges: edges.map(({ source, target, parameter }) => ({
        Source: source,
        Target: target,
        TargetParameter: parameter,
      })),
    };
  }),
  GetPlan: operation(async (input: GetPlan, { catalog }) => {
    requirePython(input);
    checkOptions(input.AdditionalPlanOptionsMap ?? {});
    const { Source, Sinks = [], Location } = input;
    for (const { DatabaseName, TableName } of [Source, ...Sinks]) await catalog.getTable(DatabaseName, TableName);
    const location = Location === undefined ? undefined : locationOf(Location);
    if (location !== undefined && Sinks.length > 0)
      throw invalidInput("A plan has Sinks or a Location, not both", { path: "Location" });
    const table = ({ DatabaseName, TableName }: Table) => ({ database: DatabaseName, table: TableName });
    const flow = planDataflow({
      source: table(Source),
      sinks: Sinks.map(table),
      mappings: input.Mapping.map(mappingOf),
      ...(location === undefined ? {} : { location }),
    });
    return { PythonScript: dataflowScript(flow) };
  }),
} satisfies OperationTable;

/** Scripts are awsglue's; `dynaframe port` gives the same in TypeScript. */
function requirePython({ Language = "PYTHON" }: Spoken): void {
  if (Language === "PYTHON") return;
  throw new DynaframeError("UNSUPPORTED", `Scripts in ${Language} are not written by dynaframe`, {
    name: "OperationNotSupportedException",
    path: "Language",
    expected: "PYTHON",
    found: Language,
    hint: "take PYTHON; dynaframe port translates it to TypeScript",
  });
}

const flowOf = ({ DagNodes = [], DagEdges = [] }: CreateScript): Dataflow => {
  const types = new Map(DagNodes.map(({ Id, NodeType }) => [Id, NodeType]));
  return {
    nodes: DagNodes.map(({ Id, NodeType, Args }) => ({
      id: Id,
      type: NodeType,
      args: Args.map(({ Name, Value, Param = false }) => ({ name: Name, value: Value, param: Param })),
    })),
    edges: DagEdges.map(({ Source, Target, TargetParameter }) => ({
      source: Source,
      target: Target,
      parameter: TargetParameter ?? firstParameter(types.get(Target) ?? ""),
    })),
  };
};

function mappingOf({ SourcePath, SourceType = "string", TargetTable, TargetPath, TargetType = SourceType }: Mapping) {
  if (SourcePath === undefined) throw invalidInput("A mapping has no SourcePath", { path: "Mapping.SourcePath" });
  return {
    source: SourcePath,
    sourceType: SourceType,
    target: TargetPath ?? SourcePath,
    targetType: TargetType,
    ...(TargetTable === undefined ? {} : { targetTable: TargetTable }),
  };
}

/** What types a frame has is read from its data: there is nothing to infer, nor to leave out. */
function checkOptions(options: { readonly [name: string]: string }): void {
  for (const [name, value] of Object.entries(options)) {
    if (name !== "inferSchema")
      throw invalidInput(`There is no plan option ${name}`, {
        path: "AdditionalPlanOptionsMap",
        expected: "inferSchema",
        found: name,
      });
    if (value !== "true" && value !== "false")
      throw invalidInput("inferSchema is true or false", {
        path: "AdditionalPlanOptionsMap.inferSchema",
        found: value,
      });
  }
}

function locationOf(location: Location): PlanLocation | undefined {
  const [first, second] = Object.entries(location).filter(([, args]) => args.length > 0);
  if (first === undefined) return undefined;
  if (second !== undefined)
    throw invalidInput("A plan has one Location", { path: "Location", found: `${first[0]} and ${second[0]}` });
  const [kind, args] = first;
  const given = new Map(args.map(({ Name, Value }) => [Name, Value]));
  const take = (name: string): string | undefined => {
    const value = given.get(name);
    given.delete(name);
    return value;
  };
  const need = (name: string): string => {
    const value = take(name);
    if (value === undefined) throw invalidInput(`Location.${kind} has no ${name}`, { path: `Location.${kind}` });
    return value;
  };
  const result = placeOf(kind, need, take);
  const [unknown] = given.keys();
  if (unknown !== undefined)
    throw invalidInput(`Location.${kind} takes no ${unknown}`, { path: `Location.${kind}`, found: unknown });
  return result;
}

function placeOf(
  kind: string,
  need: (name: string) => string,
  take: (name: string) => string | undefined,
): PlanLocation {
  if (kind === "S3") return { kind: "s3", path: need("path"), format: take("format") ?? "parquet" };
  if (kind === "DynamoDB") return { kind: "dynamodb", table: need("tableName") };
  const database = take("database");
  return {
    kind: "jdbc",
    connection: need("catalog_connection"),
    table: need("dbtable"),
    ...(database === undefined ? {} : { database }),
  };
}
