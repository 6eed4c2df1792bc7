#!/usr/bin/env node
// Generates src/engine/spark/connect/generated from the protocol definitions of Apache Spark (spark/connect/*.proto,
// Apache License 2.0), as the descriptors that its Python client carries. Only what the client speaks is kept: messages
// not reachable from these calls and fields are left out, which protocol buffers allow. Run by hand when the protocol's
// version changes; the result is committed.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { clearField, create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  CodeGeneratorRequestSchema,
  CodeGeneratorResponseSchema,
  FileDescriptorProtoSchema,
  file_google_protobuf_any,
} from "@bufbuild/protobuf/wkt";

const VERSION = "4.2.0";
const GENERATOR = "2.17.0";
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const target = join(root, "src", "engine", "spark", "connect", "generated");

const METHODS = [
  "ExecutePlan",
  "AnalyzePlan",
  "Config",
  "AddArtifacts",
  "Interrupt",
  "ReattachExecute",
  "ReleaseExecute",
  "ReleaseSession",
  "FetchErrorDetails",
];
// of messages with very many members, those that are used
const KEPT = {
  "Relation": ["common", "read", "sql", "local_relation"],
  "RelationCommon": [],
  "Read": ["data_source"],
  "Command": ["create_dataframe_view", "sql_command", "write_operation"],
  "WriteOperation": ["input", "source", "path", "mode", "partitioning_columns", "options"],
  "SqlCommand": ["input"],
  "SQL": ["query"],
  "Plan": ["root", "command"],
  "AnalyzePlanRequest": [
    "session_id",
    "client_observed_server_side_session_id",
    "user_context",
    "client_type",
    "schema",
    "explain",
    "spark_version",
  ],
  "AnalyzePlanResponse": ["session_id", "server_side_session_id", "schema", "explain", "spark_version"],
  "ExecutePlanResponse": [
    "session_id",
    "server_side_session_id",
    "operation_id",
    "response_id",
    "arrow_batch",
    "sql_command_result",
    "execution_progress",
    "result_complete",
    "schema",
    "metrics",
  ],
};

const LICENCE = `// Generated from the Spark Connect protocol of Apache Spark ${VERSION} by scripts/generate-spark-connect.mjs. Copyright the Apache Software
// Foundation and contributors, licensed under the Apache License 2.0.
`;

const folder = mkdtempSync(join(tmpdir(), "spark-connect-"));
try {
  execFileSync(
    "python3",
    ["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", `pyspark-client==${VERSION}`],
    { cwd: folder, stdio: ["ignore", "ignore", "inherit"] },
  );
  execFileSync("tar", ["xzf", readdirSync(folder).find((name) => name.endsWith(".tar.gz"))], { cwd: folder });
  const sources = join(folder, `pyspark_client-${VERSION}`, "pyspark", "sql", "connect", "proto");
  const files = readFiles(sources);
  const pruned = prune(files);
  const request = create(CodeGeneratorRequestSchema, {
    fileToGenerate: pruned.map(({ name }) => name),
    parameter: "target=ts,import_extension=js",
    protoFile: [file_google_protobuf_any.proto, ...pruned],
  });
  // not a dependency: it asks for a newer Node than the package does
  const plugin = ["--yes", "--package", `@bufbuild/protoc-gen-es@${GENERATOR}`, "protoc-gen-es"];
  const response = fromBinary(
    CodeGeneratorResponseSchema,
    execFileSync("npx", plugin, { input: toBinary(CodeGeneratorRequestSchema, request), maxBuffer: 1 << 28 }),
  );
  if (response.error) throw new Error(response.error);
  rmSync(target, { recursive: true, force: true });
  for (const { name, content } of response.file) {
    const file = join(target, name.replaceAll("_", "-").replace("-pb.ts", ".ts").split("/").at(-1));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(
      file,
      `${LICENCE}${content.replaceAll(/"\.\/(\w+)_pb\.js"/g, (_, part) => `"./${part.replaceAll("_", "-")}.js"`)}`,
    );
    console.log(file.slice(root.length + 1), content.length);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** The serialised descriptors are one bytes literal in each generated Python file. */
function readFiles(sources) {
  const script =
    "import ast, base64, sys\nfor name in sys.argv[1:]:\n  for node in ast.walk(ast.parse(open(name).read())):\n"
    + "    if isinstance(node, ast.Call) and getattr(node.func, 'attr', '') == 'AddSerializedFile': print(base64.b64encode(ast.literal_eval(node.args[0])).decode())";
  const names = [
    "types",
    "common",
    "expressions",
    "catalog",
    "relations",
    "ml_common",
    "ml",
    "pipelines",
    "commands",
    "base",
  ].map((name) => join(sources, `${name}_pb2.py`));
  return execFileSync("python3", ["-c", script, ...names], { encoding: "utf8", maxBuffer: 1 << 28 })
    .trim()
    .split("\n")
    .map((line) => fromBinary(FileDescriptorProtoSchema, Buffer.from(line, "base64")));
}

/** What can be reached from the methods, through the kept fields. */
function prune(files) {
  const messages = new Map();
  const enums = new Set();
  const index = (message, prefix) => {
    const name = `${prefix}.${message.name}`;
    messages.set(name, message);
    for (const nested of message.nestedType) index(nested, name);
    for (const e of message.enumType) enums.add(`${name}.${e.name}`);
  };
  for (const file of files) for (const message of file.messageType) index(message, `.${file.package}`);
  const service = files.at(-1).service[0];
  service.method = service.method.filter(({ name }) => METHODS.includes(name));
  const reached = new Set();
  const reach = (name) => {
    if (reached.has(name)) return;
    reached.add(name);
    const message = messages.get(name);
    if (message === undefined) return; // an enum, or google.protobuf.Any
    const kept = name.split(".").length === 4 ? KEPT[message.name] : undefined;
    if (kept !== undefined) keepFields(message, kept);
    dropRest(message);
    for (const field of message.field) if (field.typeName) reach(field.typeName);
  };
  // fields of ml, pipelines, streaming and plugins are not spoken
  const dropRest = (message) =>
    keepFields(
      message,
      message.field
        .filter(
          ({ typeName }) =>
            !/\.(Ml|Pipeline|Streaming|StreamingQuery|Extension|Catalog|CommonInlineUserDefined)\w*$/.test(typeName),
        )
        .map(({ name }) => name),
    );
  for (const { inputType, outputType } of service.method) {
    reach(inputType);
    reach(outputType);
  }
  const isReached = (name) => [...reached].some((other) => other === name || other.startsWith(`${name}.`));
  const sift = (message, prefix) => {
    const name = `${prefix}.${message.name}`;
    message.nestedType = message.nestedType.filter((nested) => isReached(`${name}.${nested.name}`));
    message.enumType = message.enumType.filter((e) => reached.has(`${name}.${e.name}`));
    for (const nested of message.nestedType) sift(nested, name);
    if (!reached.has(name)) keepFields(message, []);
  };
  for (const file of files) {
    const prefix = `.${file.package}`;
    file.messageType = file.messageType.filter((message) => isReached(`${prefix}.${message.name}`));
    file.enumType = file.enumType.filter((e) => reached.has(`${prefix}.${e.name}`));
    for (const message of file.messageType) sift(message, prefix);
    clearField(file, FileDescriptorProtoSchema.field.sourceCodeInfo);
  }
  const used = files.filter((file) => file.messageType.length + file.enumType.length + file.service.length > 0);
  const names = new Set([...used.map(({ name }) => name), "google/protobuf/any.proto"]);
  for (const file of used) {
    const text = JSON.stringify(typeNames(file));
    file.dependency = file.dependency.filter(
      (name) => names.has(name) && (name !== "google/protobuf/any.proto" || text.includes(".google.protobuf.Any")),
    );
    file.publicDependency = [];
    file.weakDependency = [];
  }
  return used;
}

function typeNames(file) {
  const of = (message) => [...message.field.map(({ typeName }) => typeName), ...message.nestedType.flatMap(of)];
  return file.messageType.flatMap(of);
}

/** Oneofs are numbered: those left empty go, and the rest is renumbered. */
function keepFields(message, kept) {
  message.field = message.field.filter(({ name }) => kept.includes(name));
  const used = message.oneofDecl.map((_, i) => message.field.some((field) => isSet(field) && field.oneofIndex === i));
  const numbers = used.map((_, i) => used.slice(0, i).filter(Boolean).length);
  for (const field of message.field) if (isSet(field)) field.oneofIndex = numbers[field.oneofIndex];
  message.oneofDecl = message.oneofDecl.filter((_, i) => used[i]);
}

function isSet(field) {
  return Object.hasOwn(field, "oneofIndex") && field.oneofIndex !== undefined;
}
