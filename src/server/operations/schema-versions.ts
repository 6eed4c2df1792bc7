import { entityNotFound, invalidInput } from "../../catalog/catalog-errors.js";
import type { Entity } from "../../catalog/index.js";
import { jsonPatch } from "../../catalog/schemas/schema-diff.js";
import { schemaFormat } from "../../catalog/schemas/schema-format.js";
import { DynaframeError } from "../../types/error.js";
import { type OperationContext, operation, type OperationTable } from "../operation.js";
import { paged } from "../page-of-list.js";
import { type Paged, pageOf } from "../paging.js";
import { registerVersion, repeatedly, sameDefinition, validDefinition } from "../register-schema.js";
import {
  findVersion,
  getSchema,
  getVersion,
  schemaArn,
  type SchemaId,
  type SchemaName,
  schemaName,
  schemaRef,
  timeText,
  versionIdRef,
  type VersionNumber,
  type VersionRecord,
  versionRef,
  versionsOf,
} from "../schema-record.js";

type ById = { readonly SchemaId: SchemaId };
type Definition = { readonly SchemaDefinition: string };
type Diff = ById & {
  readonly FirstSchemaVersionNumber: VersionNumber;
  readonly SecondSchemaVersionNumber: VersionNumber;
};
type ByVersion = {
  readonly SchemaId?: SchemaId;
  readonly SchemaVersionId?: string;
  readonly SchemaVersionNumber?: VersionNumber;
};

export const schemaVersionOperations = {
  RegisterSchemaVersion: operation(async ({ SchemaId, SchemaDefinition }: ById & Definition, context) => {
    const { id, number, status } = await registerVersion(context, schemaName(SchemaId), SchemaDefinition);
    return { SchemaVersionId: id, VersionNumber: number, Status: status };
  }),
  GetSchemaVersion: operation(async (input: ByVersion, context) => {
    const { name, version } = await findVersion(context.catalog, input);
    const {
      doc: { DataFormat },
    } = await getSchema(context.catalog, name);
    return { ...listItem(context, name, version), SchemaDefinition: version.doc.definition, DataFormat };
  }),
  GetSchemaByDefinition: operation(async ({ SchemaId, SchemaDefinition }: ById & Definition, context) => {
    const name = schemaName(SchemaId);
    const {
      doc: { DataFormat },
    } = await getSchema(context.catalog, name);
    const version = sameDefinition(
      await schemaFormat(DataFormat),
      await versionsOf(context.catalog, name),
      await validDefinition(DataFormat, SchemaDefinition),
    );
    if (version === undefined)
      throw entityNotFound(
        `Schema definition is not found. RegistryName: ${name.registry}, SchemaName: ${name.schema}`,
        { path: name.schema },
      );
    return {
      SchemaVersionId: version.doc.id,
      SchemaArn: schemaArn(context, name),
      DataFormat,
      Status: version.doc.status,
      CreatedTime: timeText(version.created),
    };
  }),
  ListSchemaVersions: operation(async (input: ById & Paged, context) => {
    const name = schemaName(input.SchemaId);
    await getSchema(context.catalog, name);
    const all = await versionsOf(context.catalog, name);
    return paged(
      "Schemas",
      all.map((version) => listItem(context, name, version)),
      { maxResults: 25, ...pageOf(input, 100) },
      ["schema-versions", name.registry, name.schema],
    );
  }),
  DeleteSchemaVersions: operation(async ({ SchemaId, Versions }: ById & { readonly Versions: string }, context) => {
    const name = schemaName(SchemaId);
    const [from, to] = rangeOf(Versions);
    return repeatedly(() => deleteVersions(context, name, from, to), name.schema);
  }),
  GetSchemaVersionsDiff: operation(
    async ({ SchemaId, FirstSchemaVersionNumber, SecondSchemaVersionNumber }: Diff, { catalog }) => {
      const name = schemaName(SchemaId);
      const {
        doc: { DataFormat },
      } = await getSchema(catalog, name);
      if (DataFormat === "PROTOBUF") {
        throw new DynaframeError(
          "UNSUPPORTED_FORMAT",
          "Schemas of format PROTOBUF have no difference as a JSON Patch",
          { name: "OperationNotSupportedException", path: name.schema, expected: "AVRO, JSON", found: DataFormat },
        );
      }
      const [first, second] = await Promise.all(
        [FirstSchemaVersionNumber, SecondSchemaVersionNumber].map(
          async (number) => JSON.parse((await getVersion(catalog, name, number)).doc.definition) as unknown,
        ),
      );
      return { Diff: JSON.stringify(jsonPatch(first, second)) };
    },
  ),
  CheckSchemaVersionValidity: operation(
    async ({ DataFormat, SchemaDefinition }: Definition & { readonly DataFormat: string }) => {
      const { parse, problem } = await schemaFormat(DataFormat);
      const definition = parse(SchemaDefinition);
      const found = typeof definition === "string" ? definition : await problem(definition.value);
      return found === undefined ? { Valid: true } : { Valid: false, Error: found };
    },
  ),
} satisfies OperationTable;

const listItem = (
  context: OperationContext,
  name: SchemaName,
  { doc: { id, number, status }, created }: Entity<VersionRecord>,
): object => ({
  SchemaArn: schemaArn(context, name),
  SchemaVersionId: id,
  VersionNumber: number,
  Status: status,
  CreatedTime: timeText(created),
});

function rangeOf(versions: string): readonly [number, number] {
  const [from = 0, to = from] = versions.split("-").map(Number);
  if (from <= to && to <= 100_000) return [from, to];
  throw invalidInput(`Versions ${versions.slice(0, 50)} is no range`, {
    path: "Versions",
    expected: "5 or 5-8, up to 100000",
  });
}

/**
 * The rules of the service's DeleteSchemaVersions: the first version and the checkpoint stay, and under an _ALL mode
 * what new versions are held to.
 */
async function deleteVersions(context: OperationContext, name: SchemaName, from: number, to: number): Promise<object> {
  const { catalog } = context;
  const { doc: schema, version } = await getSchema(catalog, name);
  const all = await versionsOf(catalog, name);
  const isHeldTo = ({ doc }: Entity<VersionRecord>): boolean =>
    schema.Compatibility.endsWith("_ALL") && doc.status === "AVAILABLE" && doc.number >= schema.checkpoint;
  const chosen = all.filter(({ doc }) => doc.number >= from && doc.number <= to);
  if (from === 1)
    throw invalidInput("The first version can only be deleted with its schema", {
      path: "Versions",
      hint: "DeleteSchema",
    });
  if (chosen.some(({ doc }) => doc.number === schema.checkpoint)) {
    throw invalidInput(`Version ${schema.checkpoint} is the checkpoint`, {
      path: "Versions",
      hint: "set another checkpoint with UpdateSchema first",
    });
  }
  if (chosen.some(isHeldTo)) {
    throw invalidInput(`New versions are held to these: the compatibility is ${schema.Compatibility}`, {
      path: "Versions",
      hint: "set a later checkpoint with UpdateSchema first",
    });
  }
  await catalog.changeEntities([
    { ref: schemaRef(name), doc: schema, ifVersion: version },
    ...chosen.flatMap(({ doc }) => [{ ref: versionRef(name, doc.number) }, { ref: versionIdRef(doc.id) }]),
  ]);
  const missing = Array.from({ length: Math.min(to, schema.next) - from + 1 }, (_, i) => from + i).filter(
    (number) => !chosen.some(({ doc }) => doc.number === number),
  );
  const errors = missing.map((VersionNumber) => ({
    VersionNumber,
    ErrorDetails: {
      ErrorCode: "EntityNotFoundException",
      ErrorMessage: `Schema version ${VersionNumber} is not found.`,
    },
  }));
  return errors.length === 0 ? {} : { SchemaVersionErrors: errors };
}
