import { alreadyExists, entityNotFound, invalidInput, limitExceeded } from "../../catalog/catalog-errors.js";
import { type OperationContext, operation, type OperationTable } from "../operation.js";
import { repeatedly } from "../register-schema.js";
import {
  findVersion,
  type Metadata,
  schemaArn,
  type SchemaId,
  timeText,
  versionsOf,
  type VersionNumber,
  type VersionRecord,
  versionRef,
} from "../schema-record.js";
import { paged } from "../page-of-list.js";
import { type Paged, pageOf } from "../paging.js";

type ByVersion = {
  readonly SchemaId?: SchemaId;
  readonly SchemaVersionId?: string;
  readonly SchemaVersionNumber?: VersionNumber;
};
type Pair = { readonly MetadataKey?: string; readonly MetadataValue?: string };
type Change = ByVersion & { readonly MetadataKeyValue: Pair };
type Info = {
  readonly MetadataValue: string;
  readonly CreatedTime: string;
  readonly OtherMetadataValueList?: readonly { readonly MetadataValue: string; readonly CreatedTime: string }[];
};

/** Pairs that a version may have (AWS Glue endpoints and quotas). */
const MAX_PAIRS = 10;

export const schemaMetadataOperations = {
  PutSchemaVersionMetadata: operation(async (input: Change, context) => {
    const { key, value } = pairOf(input.MetadataKeyValue);
    return change(context, input, (metadata) => {
      if (metadata.some((each) => each.key === key && each.value === value))
        throw alreadyExists(`Resource already exist for schema version. MetadataKey: ${key}, MetadataValue: ${value}`, {
          path: key,
        });
      if (metadata.length >= MAX_PAIRS)
        throw limitExceeded(`A schema version has at most ${MAX_PAIRS} pairs of metadata`, { path: key });
      return [...metadata, { key, value, created: context.now() }];
    });
  }),
  RemoveSchemaVersionMetadata: operation(async (input: Change, context) => {
    const { key, value } = pairOf(input.MetadataKeyValue);
    return change(context, input, (metadata) => {
      const others = metadata.filter((each) => each.key !== key || each.value !== value);
      if (others.length === metadata.length)
        throw entityNotFound(
          `Resource does not exist for schema version. MetadataKey: ${key}, MetadataValue: ${value}`,
          { path: key },
        );
      return others;
    });
  }),
  QuerySchemaVersionMetadata: operation(
    async (input: ByVersion & Paged & { readonly MetadataList?: readonly Pair[] }, { catalog }) => {
      const {
        version: { doc },
      } = await findVersion(catalog, input);
      const wanted = input.MetadataList ?? [];
      const found = doc.metadata.filter(
        (each) =>
          wanted.length === 0
          || wanted.some(
            ({ MetadataKey = each.key, MetadataValue = each.value }) =>
              each.key === MetadataKey && each.value === MetadataValue,
          ),
      );
      const { Pairs, ...rest } = paged("Pairs", found, { maxResults: 50, ...pageOf(input, 50) }, [
        "schema-metadata",
        doc.id,
        JSON.stringify(wanted),
      ]) as { readonly Pairs: readonly Metadata[] };
      return { MetadataInfoMap: infoMap(Pairs), SchemaVersionId: doc.id, ...rest };
    },
  ),
} satisfies OperationTable;

function pairOf({ MetadataKey: key, MetadataValue: value }: Pair): { readonly key: string; readonly value: string } {
  if (key === undefined || value === undefined)
    throw invalidInput("MetadataKey and MetadataValue are required", { path: "MetadataKeyValue" });
  return { key, value };
}

async function change(
  context: OperationContext,
  input: Change,
  next: (metadata: readonly Metadata[]) => readonly Metadata[],
): Promise<object> {
  const { name, version } = await repeatedly(async () => {
    const found = await findVersion(context.catalog, input);
    const doc: VersionRecord = { ...found.version.doc, metadata: next(found.version.doc.metadata) };
    await context.catalog.changeEntities([
      { ref: versionRef(found.name, doc.number), doc, ifVersion: found.version.version },
    ]);
    return found;
  }, "the schema version");
  const latest = (await versionsOf(context.catalog, name)).findLast(({ doc }) => doc.status === "AVAILABLE");
  return {
    SchemaArn: schemaArn(context, name),
    SchemaName: name.schema,
    RegistryName: name.registry,
    LatestVersion: latest?.doc.number === version.doc.number,
    VersionNumber: version.doc.number,
    SchemaVersionId: version.doc.id,
    MetadataKey: input.MetadataKeyValue.MetadataKey,
    MetadataValue: input.MetadataKeyValue.MetadataValue,
  };
}

/** The newest value of each key, with the older ones beside it. */
function infoMap(pairs: readonly Metadata[]): { readonly [key: string]: Info } {
  return Object.fromEntries(
    [...grouped(pairs)].map(([key, all]) => {
      const [newest, ...others] = all
        .toReversed()
        .map(({ value, created }) => ({ MetadataValue: value, CreatedTime: timeText(created) }));
      return [key, { ...newest, ...(others.length === 0 ? {} : { OtherMetadataValueList: others }) } as Info];
    }),
  );
}

function grouped(pairs: readonly Metadata[]): ReadonlyMap<string, readonly Metadata[]> {
  const groups = new Map<string, Metadata[]>();
  for (const pair of pairs) groups.set(pair.key, [...(groups.get(pair.key) ?? []), pair]);
  return groups;
}
