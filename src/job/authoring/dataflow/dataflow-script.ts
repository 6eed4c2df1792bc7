/** Writes the awsglue script of a data flow, as Glue's console does. Pure. */
import { isPythonKeyword, valueFault } from "./python-value.js";
import {
  badDataflow,
  type Dataflow,
  type DataflowArgument,
  type DataflowEdge,
  type DataflowNode,
  firstParameter,
  inOrder,
  SINK,
  SOURCE,
  TRANSFORM_PARAMETERS,
} from "./dataflow.js";

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** Names of the script itself. */
const TAKEN: ReadonlySet<string> = new Set([
  "sys",
  "args",
  "sc",
  "glueContext",
  "spark",
  "job",
  "Job",
  "GlueContext",
  "SparkContext",
  "getResolvedOptions",
  ...TRANSFORM_PARAMETERS.keys(),
]);

/**
 * @throws BAD_DATAFLOW for ids that are not unique or no names, edges to nowhere or in a circle, unknown node types,
 * and values that are not one expression of Python.
 */
export function dataflowScript(graph: Dataflow): string {
  const inputs = inputsByNode(graph);
  check(graph, inputs);
  const nodes = inOrder(graph);
  const parameters = [
    ...new Set(nodes.flatMap(({ args }) => args.filter(({ param }) => param).map(({ value }) => value))),
  ];
  const names = ["JOB_NAME", ...parameters.filter((name) => name !== "JOB_NAME")];
  return `${[
    "import sys",
    "from awsglue.transforms import *",
    "from awsglue.utils import getResolvedOptions",
    "from pyspark.context import SparkContext",
    "from awsglue.context import GlueContext",
    "from awsglue.job import Job",
    "",
    `## @params: [${names.join(", ")}]`,
    `args = getResolvedOptions(sys.argv, [${names.map((name) => `'${name}'`).join(", ")}])`,
    "",
    "sc = SparkContext()",
    "glueContext = GlueContext(sc)",
    "spark = glueContext.spark_session",
    "job = Job(glueContext)",
    "job.init(args['JOB_NAME'], args)",
    "",
    ...nodes.flatMap((node) => statement(node, inputs.get(node.id) ?? [])),
    "job.commit()",
  ].join("\n")}\n`;
}

function statement({ id, type, args }: DataflowNode, inputs: readonly DataflowEdge[]): readonly string[] {
  const frames = inputs.map(({ source, parameter }) => `${parameter} = ${source}`);
  const given = [
    ...frames,
    ...args.map(({ name, value, param }) => `${name} = ${param ? `args["${value}"]` : value}`),
  ].join(", ");
  return [
    `## @type: ${type}`,
    `## @return: ${id}`,
    `## @inputs: [${frames.join(", ")}]`,
    `${id} = ${callee(type, args)}(${given})`,
    "",
  ];
}

/** What of awsglue makes a node of the type. */
function callee(type: string, args: readonly DataflowArgument[]): string {
  if (type !== SOURCE && type !== SINK) return `${type}.apply`;
  const has = (name: string): boolean => args.some((argument) => argument.name === name);
  const how = has("connection_type")
    ? "from_options"
    : type === SINK && has("catalog_connection")
      ? "from_jdbc_conf"
      : "from_catalog";
  return `glueContext.${type === SOURCE ? "create" : "write"}_dynamic_frame.${how}`;
}

type Inputs = ReadonlyMap<string, readonly DataflowEdge[]>;

function inputsByNode({ edges }: Dataflow): Inputs {
  const inputs = new Map<string, DataflowEdge[]>();
  for (const edge of edges) {
    const known = inputs.get(edge.target);
    if (known === undefined) inputs.set(edge.target, [edge]);
    else known.push(edge);
  }
  return inputs;
}

function check({ nodes, edges }: Dataflow, inputs: Inputs): void {
  const types = new Map<string, string>();
  for (const node of nodes) {
    const { id, type, args } = node;
    if (!NAME.test(id) || isPythonKeyword(id) || TAKEN.has(id))
      throw badDataflow(
        `${id} cannot be the name of a variable`,
        "DagNodes",
        "Take a name of letters, digits and _ that the script does not use for something else.",
      );
    if (types.has(id)) throw badDataflow(`Two nodes have the id ${id}`, "DagNodes");
    types.set(id, type);
    if (type !== SOURCE && type !== SINK && !TRANSFORM_PARAMETERS.has(type))
      throw badDataflow(
        `${type} is no type of node`,
        `DagNodes.${id}`,
        `Types are ${[SOURCE, SINK, ...TRANSFORM_PARAMETERS.keys()].join(", ")}.`,
      );
    checkArguments(
      node,
      (inputs.get(id) ?? []).map(({ parameter }) => parameter),
    );
    for (const argument of args) checkValue(id, argument);
  }
  for (const { source, target } of edges) {
    for (const id of [source, target])
      if (!types.has(id)) throw badDataflow(`An edge names ${id}, which is no node`, "DagEdges");
    if (types.get(target) === SOURCE) throw badDataflow(`An edge goes into ${target}, which is a source`, "DagEdges");
  }
}

/** Each parameter once, and a source or sink with what it reads or writes. */
function checkArguments({ id, type, args }: DataflowNode, inputs: readonly string[]): void {
  const names = [...inputs, ...args.map(({ name }) => name)];
  for (const [i, name] of names.entries()) {
    if (!NAME.test(name) || isPythonKeyword(name))
      throw badDataflow(`${name} cannot be the name of an argument`, `DagNodes.${id}`);
    if (names.indexOf(name) !== i) throw badDataflow(`${id} gets ${name} twice`, `DagNodes.${id}`);
  }
  if (type !== SOURCE && !names.includes(firstParameter(type)))
    throw badDataflow(
      `${id} gets no ${firstParameter(type)}`,
      `DagNodes.${id}`,
      "Add an edge from the node whose frame it works on.",
    );
  if (
    (type === SOURCE || type === SINK)
    && !names.includes("connection_type")
    && !(names.includes("database") && names.includes("table_name"))
    && !(type === SINK && names.includes("catalog_connection"))
  ) {
    throw badDataflow(
      `${id} names nothing to ${type === SOURCE ? "read" : "write"}`,
      `DagNodes.${id}`,
      "Give database and table_name, or connection_type with its options.",
    );
  }
}

function checkValue(id: string, { name, value, param }: DataflowArgument): void {
  const fault = param ? (NAME.test(value) ? undefined : "is not the name of a job's argument") : valueFault(value);
  if (fault !== undefined)
    throw badDataflow(
      `${id}.${name}: ${value.slice(0, 60)} ${fault}`,
      `DagNodes.${id}.${name}`,
      param ? undefined : "A value is an expression of Python; texts are in quotes.",
    );
}
